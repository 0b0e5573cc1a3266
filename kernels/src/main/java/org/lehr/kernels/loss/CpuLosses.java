package org.lehr.kernels.loss;

import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.LossKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Widened;
import org.lehr.kernels.indexing.Indices;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Reals;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.RangeTask;
import org.lehr.kernels.parallel.Workers;

/// Losses on the processor: rows are shared out in pieces of a fixed size; bfloat16 is widened a piece at a
/// time.
public final class CpuLosses implements LossKernels {

    private static final long PIECE_ELEMENTS = 1 << 14;

    /// As `CpuBackend` needs it.
    public CpuLosses() {}

    @Override
    public void crossEntropy(View loss, View logSumExp, View x, View targets, CrossEntropy form) {
        check(x, targets, form);
        Reals losses = Reals.of(loss);
        Reals sums = Reals.of(logSumExp);
        forEachPiece(x, (from, to) -> {
            long rows = to - from;
            long n = x.shape()[1];
            try (Widened wideX = Widened.read(rows(x, from, to));
                    Widened wideTargets = Widened.read(rows(targets, from, to))) {
                Reals values = Reals.of(wideX.view());
                Reals loss0 = losses.slice(from, rows);
                Reals sum0 = sums.slice(from, rows);
                Targets wanted = targets(wideTargets.view(), form);
                if (isFast(values, n)) {
                    CrossEntropyKernel.forward(
                            loss0.segment(), sum0.segment(), values.segment(), wanted, rows, (int) n, form);
                } else {
                    CrossEntropyKernel.reference(loss0, sum0, values, wanted, rows, n, form);
                }
            }
        });
    }

    @Override
    public void crossEntropyWithGradient(
            View loss, View logSumExp, View dx, double slope, View x, View targets, CrossEntropy form) {
        check(x, targets, form);
        long n = x.shape()[1];
        if (isProbabilities(targets) || x.dtype() != DType.FLOAT32 || !isFast(Reals.of(x), n)) {
            crossEntropy(loss, logSumExp, x, targets, form);
            Storage storage = Pool.host().allocate(loss.size() * loss.dtype().bytes(), "cross-entropy: slopes");
            try {
                View dLoss = View.rowMajor(storage, loss.dtype(), loss.shape());
                for (long r = 0; r < loss.size(); r++) {
                    Reals.of(dLoss).put(r, slope);
                }
                crossEntropyBackward(dx, dLoss, x, logSumExp, targets, form);
            } finally {
                storage.release();
            }
            return;
        }
        Reals losses = Reals.of(loss);
        Reals sums = Reals.of(logSumExp);
        forEachPiece(x, (from, to) -> {
            long rows = to - from;
            CrossEntropyKernel.both(
                    losses.slice(from, rows).segment(),
                    sums.slice(from, rows).segment(),
                    Reals.of(rows(dx, from, to)).segment(),
                    slope,
                    Reals.of(rows(x, from, to)).segment(),
                    new Targets.Classes(Indices.of("crossEntropy", rows(targets, from, to)), form.ignoreIndex()),
                    rows,
                    (int) n,
                    form);
        });
    }

    @Override
    public void crossEntropyBackward(View dx, View dLoss, View x, View logSumExp, View targets, CrossEntropy form) {
        check(x, targets, form);
        Reals slopes = Reals.of(dLoss);
        Reals sums = Reals.of(logSumExp);
        forEachPiece(x, (from, to) -> {
            long rows = to - from;
            long n = x.shape()[1];
            try (Widened wideX = Widened.read(rows(x, from, to));
                    Widened wideTargets = Widened.read(rows(targets, from, to));
                    Widened wideDx = Widened.write(rows(dx, from, to))) {
                Reals values = Reals.of(wideX.view());
                Reals result = Reals.of(wideDx.view());
                Reals slope = slopes.slice(from, rows);
                Reals sum = sums.slice(from, rows);
                Targets wanted = targets(wideTargets.view(), form);
                if (isFast(values, n)) {
                    CrossEntropyKernel.backward(
                            result.segment(),
                            slope.segment(),
                            values.segment(),
                            sum.segment(),
                            wanted,
                            rows,
                            (int) n,
                            form);
                } else {
                    CrossEntropyKernel.referenceBackward(result, slope, values, sum, wanted, rows, n, form);
                }
            }
        });
    }

    private static void forEachPiece(View x, RangeTask task) {
        long piece = Math.max(1, PIECE_ELEMENTS / Math.max(1, x.shape()[1]));
        Workers.current().forRange(x.shape()[0], piece, task);
    }

    private static boolean isFast(Reals x, long n) {
        return Lanes.available() && !x.wide() && n < Integer.MAX_VALUE / 8;
    }

    private static void check(View x, View targets, CrossEntropy form) {
        if (x.rank() != 2 || !x.isContiguous()) {
            throw new IllegalArgumentException("crossEntropy: expected a dense array [rows, n], got " + x);
        }
        if (isProbabilities(targets)) {
            if (!Arrays.equals(targets.shape(), x.shape()) || !targets.isContiguous()) {
                throw new IllegalArgumentException(
                        "crossEntropy: probabilities must be dense and of the shape of " + x + ", got " + targets);
            }
        } else {
            Indices.of("crossEntropy", targets).check("crossEntropy", x.shape()[1], form.ignoreIndex());
        }
    }

    private static boolean isProbabilities(View targets) {
        return targets.dtype().isFloating();
    }

    private static Targets targets(View targets, CrossEntropy form) {
        return isProbabilities(targets)
                ? new Targets.Probabilities(Reals.of(targets))
                : new Targets.Classes(Indices.of("crossEntropy", targets), form.ignoreIndex());
    }

    /// Rows `[from, to)` of a dense view of one or two dimensions.
    private static View rows(View view, long from, long to) {
        long[] shape = view.shape().clone();
        shape[0] = to - from;
        long[] strides = View.rowMajorStrides(shape);
        return new View(view.storage(), view.dtype(), view.offset() + from * strides[0], shape, strides);
    }
}
