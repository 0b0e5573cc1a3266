package org.lehr.bench.harness;

import java.util.ArrayList;
import java.util.List;
import org.lehr.bench.JvmPeerRow;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.StepRow;

/// Measures beside another engine for the JVM, by turns.
final class JvmPeerComparison {

    private static final TimingPlan SETTLE = new TimingPlan(300, 300);
    private static final TimingPlan TURN = new TimingPlan(50, 250);
    private static final double WARM_UP_MILLIS = 3000;

    private JvmPeerComparison() {}

    static Result measure(JvmPeerRow row, Session session, Effort effort) {
        session.rest();
        JvmPeerProgram program = JvmPeerProgram.of(row.engine());
        Row same = Catalog.row(row.ours());
        try (WorkerProcess own = session.start(Surroundings.OWN);
                WorkerProcess peer = session.start(Surroundings.AS_SHIPPED, program)) {
            WarmUp.until(effort.ownWarmUp(), () -> ours(own, same, SETTLE));
            WarmUp.until(WARM_UP_MILLIS, () -> peer.time(row.task(), Variant.LEHR, SETTLE));
            List<Double> mine = new ArrayList<>();
            List<Double> theirs = new ArrayList<>();
            for (int i = 0; i < effort.rounds(); i++) {
                mine.add(ours(own, same, TURN));
                theirs.add(peer.time(row.task(), Variant.LEHR, TURN));
            }
            double time = Median.of(theirs);
            return new Result(
                    row.name(),
                    session.threads(),
                    Result.MILLIS,
                    Median.of(mine),
                    time,
                    row.title() + " " + program.version() + " as shipped",
                    Double.NaN,
                    time);
        }
    }

    private static double ours(WorkerProcess own, Row row, TimingPlan plan) {
        return switch (row) {
            case Operation operation -> own.time(operation.name(), Variant.LEHR, plan);
            case StepRow step -> own.step(step.name(), Variant.LEHR, plan.millis())[1];
            default -> throw new IllegalStateException(row.name() + " is no work of a single engine");
        };
    }
}
