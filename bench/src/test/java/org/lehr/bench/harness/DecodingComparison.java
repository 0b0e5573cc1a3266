package org.lehr.bench.harness;

import java.util.ArrayList;
import java.util.List;
import org.lehr.bench.DecodingRow;

/// Measures what a token costs two models of ours that continue a text, by turns.
final class DecodingComparison {

    private static final int PAIRS = 5;

    /// A token is hundreds of short loops, which the compiler meets one by one.
    private static final double WARM_UP_MILLIS = 8000;

    private DecodingComparison() {}

    static Result measure(DecodingRow row, Session session) {
        session.rest();
        try (WorkerProcess own = session.start(Surroundings.OWN);
                WorkerProcess other = session.start(Surroundings.OWN)) {
            WarmUp.until(WARM_UP_MILLIS, () -> own.decode(row.name(), false));
            WarmUp.until(WARM_UP_MILLIS, () -> other.decode(row.name(), true));
            List<Double> mine = new ArrayList<>();
            List<Double> others = new ArrayList<>();
            for (int i = 0; i < PAIRS; i++) {
                mine.add(own.decode(row.name(), false));
                others.add(other.decode(row.name(), true));
            }
            return new Result(
                    row.name(),
                    session.threads(),
                    Result.MILLIS,
                    Median.of(mine),
                    Median.of(others),
                    row.otherTitle(),
                    Double.NaN,
                    Double.NaN);
        }
    }
}
