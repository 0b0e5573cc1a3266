package org.lehr.kernels.scan;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.lehr.kernels.DType;
import org.lehr.kernels.ScanKernels.Selective;
import org.lehr.kernels.ScanKernels.SelectiveGradients;
import org.lehr.kernels.View;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// The selective scan in float32, vectors along the channels. A complex state is two rows where a real one is one.
///
/// A piece is one sequence and up to [#CHANNELS] channels of a group. It goes along time in steps of [#TIMES]: for
/// each vector of channels, widths and drives of these times, then the states, time by time. The forward pass
/// leaves the states before each step, and the backward pass computes those of one step again, with their decays,
/// before it walks back over it.
///
/// What sequences or pieces add to one gradient is summed in order at the end.
final class SelectiveKernel {

    private static final int TIMES = 64;
    private static final int CHANNELS = 128;

    /// Arrays that may need copies of their rows.
    private static final int COPIES = 7;

    private final Selective form;
    private final int batch;
    private final int times;
    private final int channels;
    private final boolean complex;

    /// Numbers of a channel's state: two for each complex one.
    private final int states;

    private final int groups;
    private final int perGroup;

    /// Pieces of a group's channels, and steps of a sequence.
    private final int blocks;

    private final int steps;

    SelectiveKernel(Selective form) {
        this.form = form;
        long[] shape = form.u().shape();
        this.batch = Math.toIntExact(shape[0]);
        this.times = Math.toIntExact(shape[1]);
        this.channels = Math.toIntExact(shape[2]);
        this.complex = form.complex();
        this.states = Math.toIntExact(form.states() * (complex ? 2 : 1));
        this.groups = Math.toIntExact(form.groups());
        this.perGroup = channels / groups;
        this.blocks = Math.ceilDiv(perGroup, CHANNELS);
        this.steps = Math.ceilDiv(times, TIMES);
    }

    static boolean suits(Selective form) {
        return Lanes.available() && form.u().dtype() != DType.FLOAT64;
    }

    /// Numbers of the states before each step, as the pieces have them in scratch memory.
    long kept() {
        return (long) batch * groups * blocks * steps * keptRows() * SelectiveLoops.LANES;
    }

    /// Rows that a piece keeps before a step.
    private long keptRows() {
        return (long) Math.ceilDiv(Math.min(CHANNELS, perGroup), SelectiveLoops.LANES) * states;
    }

    void forward(View y, View last, View kept) {
        forEachPiece(false, piece -> piece.forward(y, last, kept));
    }

    void backward(SelectiveGradients out, View dy, View dLast, View kept) {
        Partial partial = new Partial();
        try {
            forEachPiece(true, piece -> piece.backward(out, dy, dLast, kept, partial));
            partial.sum(out);
        } finally {
            partial.storage.release();
        }
    }

    private void forEachPiece(boolean backward, Consumer<Piece> work) {
        Workers.current().forRange((long) batch * groups * blocks, 1, (from, to) -> {
            for (long i = from; i < to; i++) {
                Piece piece = new Piece(i, backward);
                try {
                    work.accept(piece);
                } finally {
                    piece.storage.release();
                }
            }
        });
    }

    private static MemorySegment memory(View view) {
        return NativeMemory.of(view.storage().segment());
    }

    /// What pieces add to gradients that they share with others: for `a` and the two of a channel, by sequences;
    /// for `b` and `c`, by pieces of the group's channels.
    private final class Partial {

        private final long ofA = (long) channels * states;
        private final long ofB = (long) batch * times * groups * states;
        private final Storage storage =
                Pool.host().allocate(4 * (batch * (ofA + 2L * channels) + 2 * blocks * ofB), "selective scan: sums");
        private final MemorySegment memory = NativeMemory.of(storage.segment());
        private final long d = batch * ofA;
        private final long deltaBias = d + (long) batch * channels;
        private final long b = deltaBias + (long) batch * channels;
        private final long c = b + blocks * ofB;

        void sum(SelectiveGradients out) {
            sum(out.a(), 0, batch, ofA);
            sum(out.d(), d, batch, channels);
            sum(out.deltaBias(), deltaBias, batch, channels);
            sum(out.b(), b, blocks, ofB);
            sum(out.c(), c, blocks, ofB);
        }

        private void sum(View out, long first, int parts, long size) {
            if (out == null) {
                return;
            }
            MemorySegment to = memory(out);
            Workers.current().forRange(size, 1 << 14, (from, end) -> {
                for (long i = from; i < end; i++) {
                    double sum = 0;
                    for (int part = 0; part < parts; part++) {
                        sum += memory.get(JAVA_FLOAT_UNALIGNED, 4 * (first + part * size + i));
                    }
                    to.set(JAVA_FLOAT_UNALIGNED, out.byteOffset() + 4 * i, (float) sum);
                }
            });
        }
    }

    /// One sequence's channels `[first, first + count)`, which are in one group.
    private final class Piece {

        private static final int ROW = SelectiveLoops.ROW;
        private static final int LANES = SelectiveLoops.LANES;

        private final long index;
        private final int n;
        private final int group;
        private final int block;
        private final int first;
        private final int count;
        private final int vectors;
        private final Storage storage;
        private final MemorySegment memory;
        private long taken;

        /// Rows of each vector of channels: a state each, or one.
        private final long a;
        private final long h;
        private final long sumA;
        private final long d;
        private final long bias;
        private final long sumD;
        private final long sumBias;

        /// Rows of one vector: a time each, or a state of a time each; and copies of rows that are too short.
        private final Places common;
        private final long copies;

        Piece(long index, boolean backward) {
            this.index = index;
            block = (int) (index % blocks);
            group = (int) (index / blocks % groups);
            n = (int) (index / blocks / groups);
            first = group * perGroup + block * CHANNELS;
            count = Math.min(CHANNELS, (group + 1) * perGroup - first);
            vectors = Math.ceilDiv(count, LANES);
            int step = Math.min(TIMES, times);
            long decays = backward || complex ? (long) step * states : 0;
            long rows = decays
                    + vectors * (3L * states + 4)
                    + (6L + COPIES) * step
                    + (backward ? (3L * step + 1) * states : 0);
            storage = Pool.host().allocate(rows * ROW, "selective scan: states of some channels");
            memory = NativeMemory.of(storage.segment());
            memory.asSlice(0, rows * ROW).fill((byte) 0);
            a = take(vectors * states);
            h = take(vectors * states);
            sumA = take(vectors * states);
            d = take(vectors);
            bias = take(vectors);
            sumD = take(vectors);
            sumBias = take(vectors);
            copies = take(COPIES * step);
            long all = backward ? (long) step * states : 0;
            common = new Places(
                    memory,
                    a,
                    h,
                    take(step),
                    take(step),
                    take(step),
                    take(step),
                    take(step),
                    take(step),
                    take(backward ? all + states : 0),
                    take(decays),
                    take(all),
                    take(all),
                    h,
                    sumA);
            constants();
        }

        private long take(long rows) {
            long at = taken;
            taken += rows * ROW;
            return at;
        }

        private void constants() {
            for (int k = 0; k < count; k++) {
                for (int j = 0; j < states; j++) {
                    float unit = complex && j % 2 == 1 ? 1 : SelectiveLoops.LOG2_E;
                    put(a, k, j, number(form.a(), (long) (first + k) * states + j) * unit);
                }
                memory.set(JAVA_FLOAT_UNALIGNED, d + 4L * k, number(form.d(), first + k));
                memory.set(JAVA_FLOAT_UNALIGNED, bias + 4L * k, number(form.deltaBias(), first + k));
            }
        }

        /// Of a dense view; 0 where there is none.
        private static float number(View view, long i) {
            return view == null ? 0 : memory(view).get(JAVA_FLOAT_UNALIGNED, view.byteOffset() + 4 * i);
        }

        /// Where state `j` of channel `k` stands among rows for all vectors.
        private long place(long rows, int k, int j) {
            return rows + ((long) (k / LANES) * states + j) * ROW + 4L * (k % LANES);
        }

        private void put(long rows, int k, int j, float value) {
            memory.set(JAVA_FLOAT_UNALIGNED, place(rows, k, j), value);
        }

        /// States `[b, c, n]` of this piece into rows.
        private void read(long rows, View view) {
            for (int k = 0; k < count; k++) {
                for (int j = 0; j < states; j++) {
                    put(rows, k, j, number(view, ((long) n * channels + first + k) * states + j));
                }
            }
        }

        /// Rows into `[.., c, n]`, whose numbers of sequence `n` begin at `at`.
        private void write(MemorySegment out, long at, long rows) {
            for (int k = 0; k < count; k++) {
                for (int j = 0; j < states; j++) {
                    out.set(
                            JAVA_FLOAT_UNALIGNED,
                            at + 4 * ((long) (first + k) * states + j),
                            memory.get(JAVA_FLOAT_UNALIGNED, place(rows, k, j)));
                }
            }
        }

        private void writeStates(View view) {
            if (view != null) {
                write(memory(view), view.byteOffset() + 4L * n * channels * states, h);
            }
        }

        /// Numbers of vector `v`, where those of all vectors are asked for.
        private Places of(int v) {
            long shift = (long) v * states * ROW;
            return new Places(
                    memory,
                    a + shift,
                    h + shift,
                    common.width(),
                    common.drive(),
                    common.y(),
                    common.slope(),
                    common.dWidth(),
                    common.dDrive(),
                    common.trace(),
                    common.decays(),
                    common.sumB(),
                    common.sumC(),
                    h + shift,
                    sumA + shift);
        }

        // ---- rows of the arrays ---------------------------------------------------------------------------------

        private int channelsOf(int v) {
            return Math.min(LANES, count - v * LANES);
        }

        /// Rows of `view` from time `t` on for vector `v`, where they stand.
        private Rows at(View view, int v, int t) {
            long[] strides = view.strides();
            long at = view.offset() + n * strides[0] + t * strides[1] + first + (long) v * LANES;
            return new Rows(memory(view), 4 * at, 4 * strides[1]);
        }

        /// As [#at], to be read; a copy with zeros behind it where the vector has fewer channels than lanes.
        private Rows read(View view, int v, int t, int length, int copy) {
            if (view == null) {
                return null;
            }
            Rows rows = at(view, v, t);
            if (channelsOf(v) == LANES) {
                return rows;
            }
            Rows near = near(copy);
            for (int i = 0; i < length; i++) {
                MemorySegment.copy(rows.memory(), rows.row(i), memory, near.row(i), 4L * channelsOf(v));
            }
            return near;
        }

        /// As [#at], to be written and then given to [#written].
        private Rows write(View view, int v, int t, int copy) {
            return channelsOf(v) == LANES ? at(view, v, t) : near(copy);
        }

        private void written(View view, int v, int t, int length, Rows rows) {
            if (channelsOf(v) < LANES) {
                Rows to = at(view, v, t);
                for (int i = 0; i < length; i++) {
                    MemorySegment.copy(memory, rows.row(i), to.memory(), to.row(i), 4L * channelsOf(v));
                }
            }
        }

        private Rows near(int copy) {
            return new Rows(memory, copies + (long) copy * Math.min(TIMES, times) * ROW, ROW);
        }

        /// Rows of `b` or `c` for this piece's group.
        private Rows shared(View view, int t) {
            long[] strides = view.strides();
            long at = view.offset() + n * strides[0] + t * strides[1] + group * strides[2];
            return new Rows(memory(view), 4 * at, 4 * strides[1]);
        }

        private boolean resets(int t) {
            View sequence = form.sequence();
            if (sequence == null || t == 0) {
                return false;
            }
            long at = sequence.byteOffset() + 4 * ((long) n * times + t);
            return memory(sequence).get(JAVA_INT_UNALIGNED, at)
                    != memory(sequence).get(JAVA_INT_UNALIGNED, at - 4);
        }

        // ---- forward --------------------------------------------------------------------------------------------

        void forward(View y, View last, View kept) {
            if (form.start() != null) {
                read(h, form.start());
            }
            for (int t = 0; t < times; t += TIMES) {
                if (kept != null) {
                    MemorySegment.copy(memory, h, memory(kept), keptAt(kept, t), (long) vectors * states * ROW);
                }
                for (int v = 0; v < vectors; v++) {
                    forward(y, v, t, Math.min(TIMES, times - t));
                }
            }
            writeStates(last);
        }

        private long keptAt(View kept, int t) {
            return kept.byteOffset() + (index * steps + t / TIMES) * keptRows() * ROW;
        }

        private void forward(View y, int v, int t, int length) {
            Places p = of(v);
            boolean far = prepare(p, v, t, length, read(form.u(), v, t, length, 0));
            if (complex) {
                SelectiveLoops.sizes(p, states, length, far);
                ComplexLoops.turn(p, states, length);
            }
            Rows b = shared(form.b(), t);
            Rows c = shared(form.c(), t);
            int from = 0;
            for (int i = 0; i <= length; i++) {
                boolean resets = i < length && resets(t + i);
                if (resets || i == length) {
                    advance(p, b, c, from, i, far);
                    from = i;
                }
                if (resets) {
                    memory.asSlice(p.h(), (long) states * ROW).fill((byte) 0);
                }
            }
            Rows out = write(y, v, t, 1);
            gated(out, new Rows(memory, p.y(), ROW), read(form.z(), v, t, length, 2), length);
            written(y, v, t, length, out);
        }

        private void advance(Places p, Rows b, Rows c, int from, int to, boolean far) {
            if (complex) {
                ComplexLoops.advance(p, b, c, states, from, to);
            } else {
                SelectiveLoops.advance(p, b, c, states, from, to, far);
            }
        }

        /// Widths, drives and `d·u` of some times; returns whether decays are far from 1.
        private boolean prepare(Places p, int v, int t, int length, Rows u) {
            SelectiveLoops.widths(
                    memory, p.width(), read(form.delta(), v, t, length, 3), bias + (long) v * ROW, length);
            if (form.softplus()) {
                SelectiveLoops.softplus(memory, p.width(), length);
            }
            SelectiveLoops.drives(p, u, d + (long) v * ROW, length);
            return SelectiveLoops.isFar(memory, p.width(), p.a(), states, length);
        }

        private static void gated(Rows out, Rows x, Rows z, int length) {
            if (z == null) {
                SelectiveLoops.copy(out, x, length);
            } else {
                SelectiveLoops.gate(out, x, z, length);
            }
        }

        // ---- backward -------------------------------------------------------------------------------------------

        void backward(SelectiveGradients out, View dy, View dLast, View kept, Partial partial) {
            if (dLast != null) {
                read(h, dLast);
            }
            for (int t = (steps - 1) * TIMES; t >= 0; t -= TIMES) {
                int length = Math.min(TIMES, times - t);
                long sums = (long) length * states * ROW;
                memory.asSlice(common.sumB(), sums).fill((byte) 0);
                memory.asSlice(common.sumC(), sums).fill((byte) 0);
                for (int v = 0; v < vectors; v++) {
                    backward(out, dy, kept, v, t, length);
                }
                for (int i = 0; i < length; i++) {
                    long place = block * partial.ofB + (((long) n * times + t + i) * groups + group) * states;
                    long row = (long) i * states * ROW;
                    SelectiveLoops.sumLanes(
                            partial.memory, 4 * (partial.b + place), memory, common.sumB() + row, states);
                    SelectiveLoops.sumLanes(
                            partial.memory, 4 * (partial.c + place), memory, common.sumC() + row, states);
                }
            }
            writeStates(out.start());
            write(partial.memory, 4 * n * partial.ofA, sumA);
            long place = (long) n * channels + first;
            MemorySegment.copy(memory, sumD, partial.memory, 4 * (partial.d + place), 4L * count);
            MemorySegment.copy(memory, sumBias, partial.memory, 4 * (partial.deltaBias + place), 4L * count);
        }

        private void backward(SelectiveGradients out, View dOut, View kept, int v, int t, int length) {
            Places p = of(v);
            Rows u = read(form.u(), v, t, length, 0);
            boolean far = prepare(p, v, t, length, u);
            Rows dy = read(dOut, v, t, length, 1);
            Rows z = read(form.z(), v, t, length, 2);
            gated(new Rows(memory, p.slope(), ROW), dy, z, length);
            retrace(p, kept, v, t, length, far);
            if (complex) {
                ComplexLoops.reverse(p, shared(form.b(), t), shared(form.c(), t), states, length);
            } else {
                SelectiveLoops.reverse(p, shared(form.b(), t), shared(form.c(), t), states, 0, length);
            }
            if (z != null) {
                Rows dz = write(out.z(), v, t, 4);
                SelectiveLoops.gateSlopes(dz, memory, p.y(), dy, z, length);
                written(out.z(), v, t, length, dz);
            }
            Rows dDelta = write(out.delta(), v, t, 5);
            SelectiveLoops.widthSlopes(dDelta, p, u, sumBias + (long) v * ROW, form.softplus(), length);
            written(out.delta(), v, t, length, dDelta);
            Rows du = write(out.u(), v, t, 6);
            SelectiveLoops.inputSlopes(du, p, u, d + (long) v * ROW, sumD + (long) v * ROW, length);
            written(out.u(), v, t, length, du);
        }

        private void retrace(Places p, Rows b, int from, int to, boolean far) {
            if (complex) {
                ComplexLoops.retrace(p, b, states, from, to);
            } else {
                SelectiveLoops.retrace(p, b, states, from, to, far);
            }
        }

        /// States and decays of some times from the state that the forward pass left before them.
        private void retrace(Places p, View kept, int v, int t, int length, boolean far) {
            long row = (long) states * ROW;
            MemorySegment.copy(memory(kept), keptAt(kept, t) + v * row, memory, p.trace(), row);
            if (complex) {
                SelectiveLoops.sizes(p, states, length, far);
                ComplexLoops.turn(p, states, length);
            }
            Rows b = shared(form.b(), t);
            int from = 0;
            for (int i = 0; i <= length; i++) {
                boolean resets = i < length && resets(t + i);
                if (resets || i == length) {
                    retrace(p, b, from, i, far);
                    from = i;
                }
                if (resets) {
                    SelectiveLoops.restart(p, b, states, i);
                    from = i + 1;
                }
            }
        }
    }
}
