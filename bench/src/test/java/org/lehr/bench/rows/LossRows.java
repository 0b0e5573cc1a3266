package org.lehr.bench.rows;

import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.lehr.bench.Cost;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.kernels.DType;

/// Cross-entropy, forward and backward: the logits are read twice and their gradient is written.
public final class LossRows implements Rows {

    @Override
    public Stream<Row> rows() {
        return Stream.of(crossEntropy(2048, 512), crossEntropy(1024, 50257));
    }

    private static Row crossEntropy(long rows, long classes) {
        return Operation.both(
                        "cross-entropy/" + rows + "x" + classes,
                        Cost.floats(3.0 * rows * classes),
                        x -> CrossEntropy.crossEntropy(x[0], x[1]),
                        x -> torch.cross_entropy_loss(x[0], x[1]))
                .withInputs(random ->
                        new Tensor[] {random.normal(DType.FLOAT32, rows, classes), random.integers(classes, rows)});
    }
}
