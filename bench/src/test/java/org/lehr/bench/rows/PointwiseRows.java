package org.lehr.bench.rows;

import java.util.stream.Stream;
import org.lehr.bench.Cost;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;

/// Pointwise operations and chains of them on 16 M numbers, and what a call costs when there is next to nothing to do.
public final class PointwiseRows implements Rows {

    private static final long[] SHAPE = {4096, 4096};
    private static final double SIZE = 4096.0 * 4096;

    @Override
    public Stream<Row> rows() {
        return Stream.of(
                Operation.forward(
                        "add/16M", Cost.floats(3 * SIZE), x -> x[0].add(x[1]), x -> x[0].add(x[1]), SHAPE, SHAPE),
                Operation.forward("exp/16M", Cost.floats(2 * SIZE), x -> x[0].exp(), x -> x[0].exp(), SHAPE),
                Operation.forward(
                        "chain/relu(ab+c)/16M",
                        Cost.floats(4 * SIZE),
                        x -> x[0].mul(x[1]).add(x[2]).relu(),
                        x -> x[0].mul(x[1]).add(x[2]).relu(),
                        SHAPE,
                        SHAPE,
                        SHAPE),
                Operation.forward(
                        "chain/tanh(((ab+c)a-b)c)/16M",
                        Cost.floats(4 * SIZE),
                        x -> x[0].mul(x[1])
                                .add(x[2])
                                .mul(x[0])
                                .sub(x[1])
                                .mul(x[2])
                                .tanh(),
                        x -> x[0].mul(x[1])
                                .add(x[2])
                                .mul(x[0])
                                .sub(x[1])
                                .mul(x[2])
                                .tanh(),
                        SHAPE,
                        SHAPE,
                        SHAPE),
                Operation.forward(
                        "overhead/add/1",
                        Cost.floats(3),
                        x -> x[0].add(x[1]),
                        x -> x[0].add(x[1]),
                        new long[] {1},
                        new long[] {1}));
    }
}
