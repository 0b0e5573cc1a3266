package org.lehr.kernels.normalization;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.NormalizationKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Widened;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Reals;
import org.lehr.kernels.memory.Storage;

/// Normalisations on the processor: rows are shared out in pieces of a fixed size, and sums over rows are
/// formed per piece and combined in the order of the pieces.
public final class CpuNormalization implements NormalizationKernels {

    /// As `CpuBackend` needs it.
    public CpuNormalization() {}

    @Override
    public void layerNorm(View y, View mean, View rstd, View x, View weight, View bias, double epsilon) {
        try (Widened wideY = Widened.write(y);
                Widened wideX = Widened.read(x);
                Widened wideWeight = Widened.read(weight);
                Widened wideBias = Widened.read(bias)) {
            layerNorm(
                    Reals.of(wideY.view()),
                    Reals.of(mean),
                    Reals.of(rstd),
                    Reals.of(wideX.view()),
                    Reals.of(wideWeight.view()),
                    Reals.of(wideBias.view()),
                    RowPieces.of(x),
                    epsilon);
        }
    }

    private static void layerNorm(
            Reals y, Reals mean, Reals rstd, Reals x, Reals weight, Reals bias, RowPieces rows, double epsilon) {
        long n = rows.n();
        if (!isFast(x, n)) {
            rows.forEach((from, to) -> LayerNormKernel.reference(
                    y.slice(from * n, (to - from) * n),
                    mean.slice(from, to - from),
                    rstd.slice(from, to - from),
                    x.slice(from * n, (to - from) * n),
                    weight,
                    bias,
                    to - from,
                    n,
                    epsilon));
            return;
        }
        Storage constants = constants(n);
        try {
            MemorySegment weights = weight == null ? ones(constants, n) : weight.segment();
            MemorySegment biases = bias == null ? zeros(constants, n) : bias.segment();
            rows.forEach((from, to) -> LayerNormKernel.forward(
                    y.segment(),
                    mean.segment(),
                    rstd.segment(),
                    x.segment(),
                    weights,
                    biases,
                    from,
                    to,
                    (int) n,
                    epsilon));
        } finally {
            constants.release();
        }
    }

    @Override
    public void layerNormBackward(
            View dx, View dWeight, View dBias, View dy, View x, View mean, View rstd, View weight) {
        try (Widened wideDx = Widened.write(dx);
                Widened wideDWeight = Widened.write(dWeight);
                Widened wideDBias = Widened.write(dBias);
                Widened wideDy = Widened.read(dy);
                Widened wideX = Widened.read(x);
                Widened wideWeight = Widened.read(weight)) {
            layerNormBackward(
                    Reals.of(wideDx.view()),
                    Reals.of(wideDWeight.view()),
                    Reals.of(wideDBias.view()),
                    Reals.of(wideDy.view()),
                    Reals.of(wideX.view()),
                    Reals.of(mean),
                    Reals.of(rstd),
                    Reals.of(wideWeight.view()),
                    RowPieces.of(x));
        }
    }

    private static void layerNormBackward(
            Reals dx,
            Reals dWeight,
            Reals dBias,
            Reals dy,
            Reals x,
            Reals mean,
            Reals rstd,
            Reals weight,
            RowPieces rows) {
        long n = rows.n();
        if (!isFast(x, n)) {
            rows.forEach((from, to) -> LayerNormKernel.referenceInput(
                    dx.slice(from * n, (to - from) * n),
                    dy.slice(from * n, (to - from) * n),
                    x.slice(from * n, (to - from) * n),
                    mean.slice(from, to - from),
                    rstd.slice(from, to - from),
                    weight,
                    to - from,
                    n));
            rows.forEachColumns((from, to) ->
                    LayerNormKernel.referenceParameters(dWeight, dBias, dy, x, mean, rstd, rows.rows(), n, from, to));
            return;
        }
        Storage constants = constants(n);
        try {
            MemorySegment weights = weight == null ? ones(constants, n) : weight.segment();
            rows.sum(
                    2 * n,
                    (from, to, sums) -> LayerNormKernel.backward(
                            dx.segment(),
                            sums,
                            dy.segment(),
                            x.segment(),
                            mean.segment(),
                            rstd.segment(),
                            weights,
                            from,
                            to,
                            (int) n),
                    segment(dWeight),
                    segment(dBias));
        } finally {
            constants.release();
        }
    }

    @Override
    public void rmsNorm(View y, View rstd, View x, View weight, double epsilon) {
        try (Widened wideY = Widened.write(y);
                Widened wideX = Widened.read(x);
                Widened wideWeight = Widened.read(weight)) {
            rmsNorm(
                    Reals.of(wideY.view()),
                    Reals.of(rstd),
                    Reals.of(wideX.view()),
                    Reals.of(wideWeight.view()),
                    RowPieces.of(x),
                    epsilon);
        }
    }

    private static void rmsNorm(Reals y, Reals rstd, Reals x, Reals weight, RowPieces rows, double epsilon) {
        long n = rows.n();
        if (!isFast(x, n)) {
            rows.forEach((from, to) -> RmsNormKernel.reference(
                    y.slice(from * n, (to - from) * n),
                    rstd.slice(from, to - from),
                    x.slice(from * n, (to - from) * n),
                    weight,
                    to - from,
                    n,
                    epsilon));
            return;
        }
        Storage constants = constants(n);
        try {
            MemorySegment weights = weight == null ? ones(constants, n) : weight.segment();
            rows.forEach((from, to) -> RmsNormKernel.forward(
                    y.segment(), rstd.segment(), x.segment(), weights, from, to, (int) n, epsilon));
        } finally {
            constants.release();
        }
    }

    @Override
    public void rmsNormBackward(View dx, View dWeight, View dy, View x, View rstd, View weight) {
        try (Widened wideDx = Widened.write(dx);
                Widened wideDWeight = Widened.write(dWeight);
                Widened wideDy = Widened.read(dy);
                Widened wideX = Widened.read(x);
                Widened wideWeight = Widened.read(weight)) {
            rmsNormBackward(
                    Reals.of(wideDx.view()),
                    Reals.of(wideDWeight.view()),
                    Reals.of(wideDy.view()),
                    Reals.of(wideX.view()),
                    Reals.of(rstd),
                    Reals.of(wideWeight.view()),
                    RowPieces.of(x));
        }
    }

    private static void rmsNormBackward(
            Reals dx, Reals dWeight, Reals dy, Reals x, Reals rstd, Reals weight, RowPieces rows) {
        long n = rows.n();
        if (!isFast(x, n)) {
            rows.forEach((from, to) -> RmsNormKernel.referenceInput(
                    dx.slice(from * n, (to - from) * n),
                    dy.slice(from * n, (to - from) * n),
                    x.slice(from * n, (to - from) * n),
                    rstd.slice(from, to - from),
                    weight,
                    to - from,
                    n));
            if (dWeight != null) {
                rows.forEachColumns((from, to) ->
                        RmsNormKernel.referenceParameters(dWeight, dy, x, rstd, rows.rows(), n, from, to));
            }
            return;
        }
        Storage constants = constants(n);
        try {
            MemorySegment weights = weight == null ? ones(constants, n) : weight.segment();
            rows.sum(
                    n,
                    (from, to, sums) -> RmsNormKernel.backward(
                            dx.segment(), sums, dy.segment(), x.segment(), rstd.segment(), weights, from, to, (int) n),
                    segment(dWeight));
        } finally {
            constants.release();
        }
    }

    private static boolean isFast(Reals x, long n) {
        return Lanes.available() && !x.wide() && n < Integer.MAX_VALUE / 8;
    }

    private static MemorySegment segment(Reals reals) {
        return reals == null ? null : reals.segment();
    }

    /// Room for what stands in for a missing weight and bias.
    private static Storage constants(long n) {
        return Pool.host().allocate(8 * n, "normalization, constants");
    }

    private static MemorySegment ones(Storage constants, long n) {
        MemorySegment ones = constants.segment().asSlice(0, 4 * n);
        for (long j = 0; j < n; j++) {
            ones.setAtIndex(JAVA_FLOAT, j, 1);
        }
        return ones;
    }

    private static MemorySegment zeros(Storage constants, long n) {
        return constants.segment().asSlice(4 * n, 4 * n).fill((byte) 0);
    }
}
