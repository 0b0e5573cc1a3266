package org.lehr.bench.rows;

import java.util.Map;
import java.util.stream.Stream;
import org.lehr.bench.JvmPeerRow;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;

/// Products and the classifier's step beside DJL and ND4J.
public final class JvmPeerRows implements Rows {

    @Override
    public Stream<Row> rows() {
        return Map.of("djl", "DJL", "nd4j", "ND4J").entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .flatMap(engine -> Stream.of(
                        row(engine, "matmul/256", "product 256", "matmul/nn/256x256x256"),
                        row(engine, "matmul/1024", "product 1024", "matmul/nn/1024x1024x1024"),
                        row(engine, "mlp/batch32", "classifier 32", "step/mlp/batch32"),
                        row(engine, "mlp/batch128", "classifier 128", "step/mlp/batch128")));
    }

    private static Row row(Map.Entry<String, String> engine, String name, String task, String ours) {
        return new JvmPeerRow(engine.getKey() + "/" + name, engine.getKey(), engine.getValue(), task, ours);
    }
}
