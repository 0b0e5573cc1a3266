package org.lehr.bench.rows;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lehr.bench.Cost;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.engine.tensor.op.Variance;

/// Reductions of 16 M numbers over one of three dimensions.
public final class ReductionRows implements Rows {

    private static final long EDGE = 256;
    private static final String[] NAMES = {"outer", "middle", "inner"};

    @Override
    public Stream<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (int d = 0; d < NAMES.length; d++) {
            int dimension = d;
            long[] over = {d};
            rows.add(row("sum", d, x -> x[0].sum(dimension), x -> x[0].sum(over)));
            rows.add(row("mean", d, x -> x[0].mean(dimension), x -> x[0].mean(over)));
            rows.add(row("max", d, x -> x[0].max(dimension), x -> x[0].amax(over, false)));
            rows.add(row(
                    "variance",
                    d,
                    x -> Variance.variance(x[0], true, false, dimension),
                    x -> x[0].var(over, true, false)));
        }
        return rows.stream();
    }

    private static Row row(String name, int dimension, Operation.Ours ours, Operation.Theirs theirs) {
        return Operation.forward(
                name + "/" + NAMES[dimension] + "/256x256x256",
                Cost.floats(EDGE * EDGE * EDGE),
                ours,
                theirs,
                new long[] {EDGE, EDGE, EDGE});
    }
}
