package org.lehr.bench.rows;

import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.lehr.bench.Cost;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.engine.tensor.op.Gelu;
import org.lehr.engine.tensor.op.Silu;

/// Activations and softmax, forward and backward: five passes over the elements.
public final class ActivationRows implements Rows {

    private static final long[] HIDDEN = {2048, 1536};
    private static final long[] SCORES = {12288, 256};

    @Override
    public Stream<Row> rows() {
        return Stream.of(
                row("softmax", SCORES, x -> x[0].softmax(-1), x -> x[0].softmax(-1)),
                row("gelu-tanh", HIDDEN, x -> Gelu.geluTanh(x[0]), x -> torch.gelu(x[0], "tanh")),
                row("gelu", HIDDEN, x -> Gelu.gelu(x[0]), x -> torch.gelu(x[0])),
                row("silu", HIDDEN, x -> Silu.silu(x[0]), x -> torch.silu(x[0])),
                row("relu", HIDDEN, x -> x[0].relu(), x -> torch.relu(x[0])));
    }

    private static Row row(String name, long[] shape, Operation.Ours ours, Operation.Theirs theirs) {
        return Operation.both(
                name + "/" + shape[0] + "x" + shape[1], Cost.floats(5.0 * shape[0] * shape[1]), ours, theirs, shape);
    }
}
