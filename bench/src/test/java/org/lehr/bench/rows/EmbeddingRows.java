package org.lehr.bench.rows;

import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.lehr.bench.Cost;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Embedding;
import org.lehr.kernels.DType;

/// Rows of a table, forward and backward. Only rows that were asked for need be touched: they are read and written
/// forward, and the gradient is read and added to them backward.
public final class EmbeddingRows implements Rows {

    @Override
    public Stream<Row> rows() {
        return Stream.of(embedding(512, 384, 2048), embedding(50257, 768, 1024));
    }

    private static Row embedding(long vocabulary, long width, long tokens) {
        return Operation.both(
                        "embedding/" + vocabulary + "x" + width + "/" + tokens,
                        Cost.floats(5.0 * tokens * width),
                        x -> Embedding.embedding(x[0], x[1]),
                        x -> torch.embedding(x[0], x[1]))
                .withInputs(random -> new Tensor[] {
                    random.normal(DType.FLOAT32, vocabulary, width), random.integers(vocabulary, tokens)
                });
    }
}
