package org.lehr.kernels.scan;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.lehr.kernels.DType;
import org.lehr.kernels.ScanKernels.Dual;
import org.lehr.kernels.ScanKernels.DualGradients;
import org.lehr.kernels.View;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.matmul.Gemm;
import org.lehr.kernels.matmul.Matrix;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// The state-space dual in float32, as products of matrices (Dao, Gu 2024, section 6).
///
/// With `L[i, j]` the decay from time `j` to time `i` of a chunk, `e` that from the state before the chunk and `w` that
/// to its end,
///
/// ```text
/// Y = (L∘C·Bᵀ)·X + diag(e)·C·Sᵀ        S ← e_last·S + (diag(w)·X)ᵀ·B
/// ```
///
/// A piece is one sequence and up to [#HEADS] heads of a group, which share `C·Bᵀ`. It goes over the chunks with the
/// states of its heads in scratch memory. The forward pass leaves the states before each chunk; the backward pass goes
/// over the chunks from the last to the first with the gradients of the states.
///
/// Gradients of decays are sums over the pairs of times that a decay lies between, not differences of larger sums: they
/// keep their digits where decays are fast.
///
/// What pieces add to the gradients of `b` and `c` of a group is summed in order at the end.
final class DualKernel {

    private static final int HEADS = 4;

    /// Times between which weights are computed although half of them are zero: the blocks along the diagonal.
    private static final int ROWS = 32;

    private static final int LINE = 16;

    private final Dual form;
    private final int batch;
    private final int times;
    private final int heads;
    private final int width;
    private final int groups;
    private final int states;
    private final int perGroup;

    /// Pieces of a group's heads, and chunks of a sequence.
    private final int blocks;

    private final int chunk;
    private final int chunks;

    DualKernel(Dual form) {
        this.form = form;
        long[] shape = form.x().shape();
        this.batch = Math.toIntExact(shape[0]);
        this.times = Math.toIntExact(shape[1]);
        this.heads = Math.toIntExact(shape[2]);
        this.width = Math.toIntExact(shape[3]);
        this.groups = Math.toIntExact(form.b().shape()[2]);
        this.states = Math.toIntExact(form.b().shape()[3]);
        this.perGroup = heads / groups;
        this.blocks = Math.max(1, Math.ceilDiv(perGroup, HEADS));
        this.chunk = Math.clamp(form.chunk(), 1, Math.max(1, times));
        this.chunks = Math.ceilDiv(times, chunk);
    }

    static boolean suits(Dual form) {
        return Lanes.available() && form.x().dtype() != DType.FLOAT64;
    }

    /// Numbers of the states before each chunk.
    long kept() {
        return (long) batch * heads * chunks * width * states;
    }

    void forward(View y, View last, View kept) {
        forEachPiece(false, piece -> piece.forward(y, last, kept));
    }

    void backward(DualGradients out, View dy, View dLast, View kept) {
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

    /// The states `[p, n]` number `i` in a dense view.
    private Matrix states(View view, long i) {
        return Matrix.rows(memory(view), view.offset() + i * width * states, states);
    }

    /// What each piece adds to the gradients of `b` and `c`, `[t, n]`.
    private final class Partial {

        private final long of = (long) times * states;
        private final long pieces = (long) batch * groups * blocks;
        private final Storage storage = Pool.host().allocate(8 * pieces * of, "state-space dual: sums");
        private final MemorySegment memory = NativeMemory.of(storage.segment());

        Matrix b(long piece, int t) {
            return Matrix.rows(memory, piece * of + (long) t * states, states);
        }

        Matrix c(long piece, int t) {
            return b(pieces + piece, t);
        }

        void sum(DualGradients out) {
            sum(out.b(), 0);
            sum(out.c(), pieces);
        }

        /// `first` is the first piece of those that write to `out`.
        private void sum(View out, long first) {
            Matrix to = Matrix.rows(memory(out), out.offset(), (long) groups * states);
            Workers.current().forRange((long) batch * groups, 1, (from, end) -> {
                for (long i = from; i < end; i++) {
                    Matrix rows = to.from(i / groups * times, i % groups * states);
                    for (int block = 0; block < blocks; block++) {
                        DualLoops.sum(b(first + i * blocks + block, 0), rows, times, states, block > 0);
                    }
                }
            });
        }
    }

    /// One sequence's heads `[first, first + count)`, which are in one group.
    private final class Piece {

        private final long index;
        private final int n;
        private final int group;
        private final int first;
        private final int count;
        private final Storage storage;
        private final MemorySegment memory;
        private final DualDecays decays = new DualDecays(form, chunk);
        private final DualPlaces between;
        private long taken;

        /// `[t, p]`, `[t, p]`, `[t, n]` and whichever is wider; then the state of each head, or its gradient.
        private final Matrix x;
        private final Matrix y;
        private final Matrix c;
        private final Matrix product;
        private final Matrix running;

        /// Gradients of decays.
        private final double[] da = new double[chunk];

        Piece(long index, boolean backward) {
            this.index = index;
            group = (int) (index / blocks % groups);
            n = (int) (index / blocks / groups);
            first = group * perGroup + (int) (index % blocks) * HEADS;
            count = Math.min(HEADS, (group + 1) * perGroup - first);
            // Rows of an odd number of cache lines: what stands in a column falls into different sets of the cache.
            int row = (Math.ceilDiv(Math.max(chunk, DualLoops.LANES), LINE) | 1) * LINE;
            long wide = Math.max(width, states);
            long floats =
                    (long) chunk * (3L * row + 2L * width + states + wide) + 3L * row + (long) count * width * states;
            storage = Pool.host().allocate(4 * floats, "state-space dual: states of some heads");
            memory = NativeMemory.of(storage.segment());
            memory.asSlice(0, 4 * floats).fill((byte) 0);
            between = new DualPlaces(
                    memory,
                    take(chunk, row),
                    take(chunk, row),
                    take(backward ? chunk : 0, row),
                    4 * take(1, row).offset(),
                    4 * take(1, row).offset(),
                    4 * take(1, row).offset());
            x = take(chunk, width);
            y = take(chunk, width);
            c = take(chunk, states);
            product = take(chunk, wide);
            running = take((long) count * width, states);
        }

        private Matrix take(long rows, long row) {
            Matrix matrix = Matrix.rows(memory, taken, row);
            taken += rows * row;
            return matrix;
        }

        /// Rows from time `t` on of a head of `x` or a group of `b`.
        private Matrix rows(View view, int t, long head) {
            long[] strides = view.strides();
            long at = view.offset() + n * strides[0] + t * strides[1] + head * strides[2];
            return Matrix.rows(memory(view), at, strides[1]);
        }

        private Matrix state(int k) {
            return running.from((long) k * width, 0);
        }

        private void copy(Matrix from, Matrix to) {
            MemorySegment.copy(from.segment(), 4 * from.offset(), to.segment(), 4 * to.offset(), 4L * width * states);
        }

        /// States of all heads from those of a view, where there is one, or to it.
        private void move(View view, boolean read) {
            for (int k = 0; k < count && view != null; k++) {
                Matrix there = states(view, (long) n * heads + first + k);
                copy(read ? there : state(k), read ? state(k) : there);
            }
        }

        private Matrix kept(View kept, int k, int i) {
            return states(kept, ((long) n * heads + first + k) * chunks + i);
        }

        void forward(View y, View last, View kept) {
            move(form.start(), true);
            for (int i = 0; i < chunks; i++) {
                int t = i * chunk;
                int length = Math.min(chunk, times - t);
                boolean before = i > 0 || form.start() != null;
                boolean after = i < chunks - 1 || last != null;
                lower(rows(form.c(), t, group), rows(form.b(), t, group), between.gram(), length, states);
                for (int k = 0; k < count; k++) {
                    if (kept != null) {
                        copy(state(k), kept(kept, k, i));
                    }
                    forward(rows(y, t, first + k), t, length, k, before, after);
                }
            }
            move(last, false);
        }

        /// The lower triangle of `A·Bᵀ` for `length` rows of `depth` numbers, and what else its blocks contain.
        private void lower(Matrix a, Matrix b, Matrix to, int length, int depth) {
            for (int j = 0; j < length; j += ROWS) {
                int some = Math.min(ROWS, length - j);
                Gemm.serial(
                        length - j, some, depth, 1, a.from(j, 0), b.from(j, 0).transposed(), to.from(j, j), false);
            }
        }

        private void forward(Matrix out, int t, int length, int k, boolean before, boolean after) {
            decays.read(n, t, length, first + k);
            decays.split(memory, between.high(), between.low(), length);
            Matrix in = rows(form.x(), t, first + k);
            Matrix s = state(k);
            if (before) {
                DualLoops.scale(rows(form.c(), t, group), c, decays.fromStart, length, states);
                Gemm.serial(length, width, states, 1, c, s.transposed(), out, false);
            }
            for (int i = 0; i < length; i += ROWS) {
                int end = Math.min(length, i + ROWS);
                for (int row = i; row < end; row++) {
                    DualLoops.weigh(between, row, decays.begin(row), end);
                }
                Gemm.serial(end - i, width, end, 1, between.weights().from(i, 0), in, out.from(i, 0), before);
            }
            if (after) {
                DualLoops.scale(in, x, decays.toEnd, length, width);
                DualLoops.scale(s, decays.whole, width * states);
                Gemm.serial(width, states, length, 1, x.transposed(), rows(form.b(), t, group), s, true);
            }
        }

        void backward(DualGradients out, View dy, View dLast, View kept, Partial partial) {
            move(dLast, true);
            for (int i = chunks - 1; i >= 0; i--) {
                int t = i * chunk;
                int length = Math.min(chunk, times - t);
                Matrix b = rows(form.b(), t, group);
                Matrix c = rows(form.c(), t, group);
                Matrix db = partial.b(index, t);
                Matrix dc = partial.c(index, t);
                clear(db, (long) length * states);
                clear(dc, (long) length * states);
                clear(between.dGram(), chunk * between.dGram().rowStride());
                lower(c, b, between.gram(), length, states);
                for (int k = 0; k < count; k++) {
                    decays.read(n, t, length, first + k);
                    decays.split(memory, between.high(), between.low(), length);
                    Matrix dx = rows(out.x(), t, first + k);
                    Matrix slope = rows(dy, t, first + k);
                    within(dx, slope, t, length, k);
                    if (i < chunks - 1 || dLast != null) {
                        toEnd(dx, db, t, length, k);
                    }
                    if (i > 0 || form.start() != null) {
                        fromStart(slope, dc, kept(kept, k, i), t, length, k);
                    }
                    write(out.a(), t, length, k);
                }
                for (int r = 0; r < length; r += ROWS) {
                    int end = Math.min(length, r + ROWS);
                    Matrix rows = between.dGram().from(r, 0);
                    Gemm.serial(end - r, states, end, 1, rows, b, dc.from(r, 0), true);
                    Matrix columns = between.dGram().from(r, r).transposed();
                    Gemm.serial(end - r, states, length - r, 1, columns, c.from(r, 0), db.from(r, 0), true);
                }
            }
            move(out.start(), false);
        }

        private static void clear(Matrix matrix, long floats) {
            matrix.segment().asSlice(4 * matrix.offset(), 4 * floats).fill((byte) 0);
        }

        /// What times of the chunk say to each other: writes the gradients of inputs and of decays.
        private void within(Matrix dx, Matrix slope, int t, int length, int k) {
            Matrix weights = between.weights();
            lower(slope, rows(form.x(), t, first + k), weights, length, width);
            clear(Matrix.rows(memory, between.sums() / 4, 1), weights.rowStride());
            for (int row = length - 1; row >= 0; row--) {
                int end = Math.min(length, (row / ROWS + 1) * ROWS);
                da[row] = DualLoops.slopes(between, row, decays.begin(row), end);
            }
            for (int j = 0; j < length; j += ROWS) {
                int some = Math.min(ROWS, length - j);
                Matrix columns = weights.from(j, j).transposed();
                Gemm.serial(some, width, length - j, 1, columns, slope.from(j, 0), dx.from(j, 0), false);
            }
        }

        /// What times say to the state after the chunk.
        private void toEnd(Matrix dx, Matrix db, int t, int length, int k) {
            Matrix in = rows(form.x(), t, first + k);
            Matrix ds = state(k);
            Gemm.serial(length, width, states, 1, rows(form.b(), t, group), ds.transposed(), product, false);
            double sum = 0;
            for (int i = 0; i < length; i++) {
                da[i] += sum;
                sum += DualLoops.add(product, dx, in, i, decays.toEnd[i], width);
            }
            DualLoops.scale(in, x, decays.toEnd, length, width);
            Gemm.serial(length, states, width, 1, x, ds, db, true);
        }

        /// What the state `s` before the chunk says to its times and, decayed, to the state after it; leaves
        /// the gradient of `s`.
        private void fromStart(Matrix slope, Matrix dc, Matrix s, int t, int length, int k) {
            Matrix read = rows(form.c(), t, group);
            Matrix ds = state(k);
            DualLoops.scale(slope, y, decays.fromStart, length, width);
            Gemm.serial(length, states, width, 1, y, s, product, false);
            double sum = decays.whole * DualLoops.dot(s, ds, width * states);
            for (int i = length - 1; i >= 0; i--) {
                sum += DualLoops.add(product, dc, read, i, 1, states);
                da[i] += sum;
            }
            DualLoops.scale(ds, decays.whole, width * states);
            Gemm.serial(width, states, length, 1, y.transposed(), read, ds, true);
        }

        private void write(View out, int t, int length, int k) {
            MemorySegment to = memory(out);
            for (int i = 0; i < length; i++) {
                long at = ((long) n * times + t + i) * heads + first + k;
                to.set(JAVA_FLOAT_UNALIGNED, out.byteOffset() + 4 * at, (float) da[i]);
            }
        }
    }
}
