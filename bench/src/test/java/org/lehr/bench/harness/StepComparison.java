package org.lehr.bench.harness;

import java.util.ArrayList;
import java.util.List;
import org.lehr.bench.StepRow;

/// Measures a training step: after some steps whose losses must agree, a turn of ours, a turn of theirs, and so on.
final class StepComparison {

    private static final int CHECKED_STEPS = 5;
    private static final int CHECKED_LARGE_STEPS = 2;
    private static final double TOLERANCE = 1e-4;
    private static final double TURN_MILLIS = 150;
    /// Threads of the engine that had the last turn may still look for work.
    private static final long PAUSE_MILLIS = 60;

    private StepComparison() {}

    static Result measure(StepRow row, Session session, Effort effort) {
        session.rest();
        double shipped = effort.shipped() ? shipped(row, session) : Double.NaN;
        try (WorkerProcess own = session.start(Surroundings.OWN);
                WorkerProcess peer = session.start(Surroundings.TUNED_PEER)) {
            Variant best = check(row, own, peer);
            if (!row.large()) {
                WarmUp.until(
                        Math.max(1500, 1.5 * effort.ownWarmUp()),
                        () -> own.step(row.name(), Variant.LEHR, TURN_MILLIS)[1]);
                peer.step(row.name(), best, TURN_MILLIS);
            }
            int pairs = effort.thorough() ? row.pairs() : Math.min(3, row.pairs());
            List<Double> mine = new ArrayList<>();
            List<Double> theirs = new ArrayList<>();
            for (int i = 0; i < pairs; i++) {
                mine.add(turn(own, row, Variant.LEHR));
                theirs.add(turn(peer, row, best));
            }
            double ours = Median.of(mine);
            return new Result(
                    row.name(),
                    session.threads(),
                    Result.MILLIS,
                    ours,
                    Median.of(theirs),
                    best.title(),
                    session.share(row.cost(), ours),
                    shipped);
        }
    }

    /// Takes the first steps of both and returns the peer's faster setting.
    private static Variant check(StepRow row, WorkerProcess own, WorkerProcess peer) {
        double[] fastest = {Double.MAX_VALUE, Double.MAX_VALUE};
        int steps = row.large() ? CHECKED_LARGE_STEPS : CHECKED_STEPS;
        for (int i = 0; i < steps; i++) {
            Variant variant = i % 2 == 0 ? Variant.TORCH : Variant.TORCH_WITHOUT_ONEDNN;
            double mine = own.step(row.name(), Variant.LEHR, 0)[0];
            double[] theirs = peer.step(row.name(), variant, 0);
            fastest[i % 2] = Math.min(fastest[i % 2], theirs[1]);
            if (!(Math.abs(mine - theirs[0]) <= TOLERANCE * Math.abs(theirs[0]))) {
                throw new IllegalStateException(
                        row.name() + ": our loss of step " + (i + 1) + " is " + mine + ", the peer's " + theirs[0]);
            }
        }
        return fastest[0] <= fastest[1] ? Variant.TORCH : Variant.TORCH_WITHOUT_ONEDNN;
    }

    private static double shipped(StepRow row, Session session) {
        try (WorkerProcess peer = session.start(Surroundings.AS_SHIPPED)) {
            peer.step(row.name(), Variant.TORCH, TURN_MILLIS);
            return peer.step(row.name(), Variant.TORCH, TURN_MILLIS)[1];
        }
    }

    private static double turn(WorkerProcess process, StepRow row, Variant variant) {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return process.step(row.name(), variant, TURN_MILLIS)[1];
    }
}
