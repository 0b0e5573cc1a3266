package org.lehr.kernels.scan;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.ScanKernels.Linear;
import org.lehr.kernels.ScanKernels.LinearGradients;
import org.lehr.kernels.View;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.parallel.Workers;

/// [LinearKernel] in float32, vectors along the channels. A piece is some channels of one sequence; the state is the
/// row of the result before. Between two places where the state starts again, a run of times is one loop.
final class LinearVectors {

    /// Floats of a row in a piece.
    private static final int FLOATS = 128;

    private final Linear form;
    private final int times;
    private final int floats;
    private final boolean complex;

    LinearVectors(Linear form) {
        this.form = form;
        this.complex = form.complex();
        this.times = Math.toIntExact(form.x().shape()[1]);
        this.floats = Math.toIntExact(form.x().shape()[2] * (complex ? 2 : 1));
    }

    static boolean suits(Linear form) {
        return Lanes.available() && form.x().dtype() != DType.FLOAT64;
    }

    /// Work on floats `[from, from + count)` of the rows of sequence `n`.
    @FunctionalInterface
    private interface Work {
        void on(long n, int from, int count);
    }

    private void forEachPiece(Work work) {
        long blocks = Math.ceilDiv(floats, FLOATS);
        Workers.current().forRange(form.x().shape()[0] * blocks, 1, (first, last) -> {
            for (long i = first; i < last; i++) {
                int from = (int) (i % blocks) * FLOATS;
                work.on(i / blocks, from, Math.min(floats - from, FLOATS));
            }
        });
    }

    /// The rows of a view of `x`'s shape from time `t` on, or back from there.
    private Rows rows(View view, long n, int from, int t, int direction) {
        long step = 4 * view.strides()[1];
        long at = view.byteOffset() + 4 * (n * view.strides()[0] + from) + t * step;
        return new Rows(view.storage().segment(), at, direction * step);
    }

    private Rows start(View view, long n, int from) {
        return new Rows(view.storage().segment(), view.byteOffset() + 4 * (n * floats + from), 0);
    }

    /// Where the run that begins at `t` ends.
    private int end(long n, int t) {
        View sequence = form.sequence();
        if (sequence == null) {
            return times;
        }
        MemorySegment memory = sequence.storage().segment();
        long row = sequence.byteOffset() + 4 * n * times;
        int end = t + 1;
        while (end < times
                && memory.get(JAVA_INT_UNALIGNED, row + 4L * end)
                        == memory.get(JAVA_INT_UNALIGNED, row + 4L * (end - 1))) {
            end++;
        }
        return end;
    }

    void forward(View h) {
        forEachPiece((n, from, count) -> {
            for (int t = 0; t < times; ) {
                int end = end(n, t);
                if (t == 0 && form.start() != null) {
                    Rows before = start(form.start(), n, from);
                    Rows x = rows(form.x(), n, from, 0, 1);
                    step(rows(h, n, from, 0, 1), rate(n, from, 0, 1), before, x, 1, count, 1);
                } else {
                    copy(rows(h, n, from, t, 1), rows(form.x(), n, from, t, 1), count);
                }
                step(
                        rows(h, n, from, t + 1, 1),
                        rate(n, from, t + 1, 1),
                        rows(h, n, from, t, 1),
                        rows(form.x(), n, from, t + 1, 1),
                        end - t - 1,
                        count,
                        1);
                t = end;
            }
        });
    }

    void backward(LinearGradients out, View dh, View h) {
        forEachPiece((n, from, count) -> {
            for (int t = 0; t < times; ) {
                int end = end(n, t);
                copy(rows(out.x(), n, from, end - 1, 1), rows(dh, n, from, end - 1, 1), count);
                step(
                        rows(out.x(), n, from, end - 2, -1),
                        rate(n, from, end - 1, -1),
                        rows(out.x(), n, from, end - 1, -1),
                        rows(dh, n, from, end - 2, -1),
                        end - t - 1,
                        count,
                        -1);
                rates(out, h, n, from, count, t, end);
                t = end;
            }
            if (out.start() != null) {
                Rows to = start(out.start(), n, from);
                if (times == 0) {
                    clear(to, count);
                } else {
                    conjugate(to, rate(n, from, 0, 1), rows(out.x(), n, from, 0, 1), 1, count);
                }
            }
        });
    }

    /// `da[t] = dx[t]∘conj(h[t − 1])` in a run, whose first state has none before it but the start.
    private void rates(LinearGradients out, View h, long n, int from, int count, int t, int end) {
        if (t == 0 && form.start() != null) {
            Rows before = start(form.start(), n, from);
            conjugate(rows(out.a(), n, from, 0, 1), before, rows(out.x(), n, from, 0, 1), 1, count);
        } else {
            clear(rows(out.a(), n, from, t, 1), count);
        }
        conjugate(
                rows(out.a(), n, from, t + 1, 1),
                rows(h, n, from, t, 1),
                rows(out.x(), n, from, t + 1, 1),
                end - t - 1,
                count);
    }

    private Rows rate(long n, int from, int t, int direction) {
        return rows(form.a(), n, from, t, direction);
    }

    /// `out = a∘h + x`, or with a `sign` of −1 `conj(a)∘h + x`.
    private void step(Rows out, Rows a, Rows h, Rows x, int times, int count, int sign) {
        if (complex) {
            LinearLoops.complexStep(out, a, h, x, times, count, sign);
        } else {
            LinearLoops.step(out, a, h, x, times, count);
        }
    }

    /// `out = conj(a)∘h`
    private void conjugate(Rows out, Rows a, Rows h, int times, int count) {
        if (complex) {
            LinearLoops.conjugateProduct(out, a, h, times, count);
        } else {
            LinearLoops.product(out, a, h, times, count);
        }
    }

    private static void copy(Rows out, Rows x, int count) {
        MemorySegment.copy(x.memory(), x.at(), out.memory(), out.at(), 4L * count);
    }

    private static void clear(Rows out, int count) {
        out.memory().asSlice(out.at(), 4L * count).fill((byte) 0);
    }
}
