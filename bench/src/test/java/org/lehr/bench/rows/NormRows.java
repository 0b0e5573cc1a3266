package org.lehr.bench.rows;

import java.util.stream.Stream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.lehr.bench.Cost;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.engine.tensor.op.LayerNorm;
import org.lehr.engine.tensor.op.RmsNorm;

/// Norms of rows, forward and backward. Forward reads `x` and writes the result, backward reads `x` and the gradient
/// and writes that of `x`.
public final class NormRows implements Rows {

    private static final double EPSILON = 1e-5;

    @Override
    public Stream<Row> rows() {
        return Stream.of(layerNorm(2048, 384), layerNorm(1024, 768), rmsNorm(2048, 384), rmsNorm(1024, 768));
    }

    private static Row layerNorm(long rows, long n) {
        return Operation.both(
                "layer-norm/" + rows + "x" + n,
                Cost.floats(5.0 * rows * n),
                x -> LayerNorm.layerNorm(x[0], x[1], x[2], EPSILON),
                x -> torch.layer_norm(
                        x[0], new long[] {n}, new TensorOptional(x[1]), new TensorOptional(x[2]), EPSILON, true),
                new long[] {rows, n},
                new long[] {n},
                new long[] {n});
    }

    private static Row rmsNorm(long rows, long n) {
        return Operation.both(
                "rms-norm/" + rows + "x" + n,
                Cost.floats(5.0 * rows * n),
                x -> RmsNorm.rmsNorm(x[0], x[1], EPSILON),
                x -> torch.rms_norm(x[0], new long[] {n}, new TensorOptional(x[1]), new DoubleOptional(EPSILON)),
                new long[] {rows, n},
                new long[] {n});
    }
}
