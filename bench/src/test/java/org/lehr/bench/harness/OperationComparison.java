package org.lehr.bench.harness;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.lehr.bench.Operation;

/// Measures an operation: after the check, both engines by turns, each in its process.
final class OperationComparison {

    /// A setting of the peer that is this much slower in the first turn is not measured again.
    private static final double HOPELESS = 1.4;

    private static final TimingPlan SETTLE = new TimingPlan(60, 60);

    private final Operation row;
    private final Session session;
    private final Effort effort;
    private final List<Double> ours = new ArrayList<>();
    private final Map<Variant, List<Double>> peers = new EnumMap<>(Variant.class);

    private OperationComparison(Operation row, Session session, Effort effort) {
        this.row = row;
        this.session = session;
        this.effort = effort;
    }

    static Result measure(Operation row, Session session, Effort effort) {
        return new OperationComparison(row, session, effort).result();
    }

    private Result result() {
        WorkerProcess peer = session.lasting(Surroundings.TUNED_PEER);
        double shipped = effort.shipped() ? shipped() : Double.NaN;
        WorkerProcess own = effort.shareProcess() ? session.lasting(Surroundings.OWN) : session.start(Surroundings.OWN);
        try {
            // Ours is compiled while the peer checks; nothing of that is timed.
            CompletableFuture<Void> check = CompletableFuture.runAsync(() -> peer.check(row.name()));
            WarmUp.until(effort.ownWarmUp() / 2.0, () -> own.time(row.name(), Variant.LEHR, SETTLE));
            joined(check);
            WarmUp.until(effort.ownWarmUp() / 2.0, () -> own.time(row.name(), Variant.LEHR, SETTLE));
            for (Variant variant : variants()) {
                peer.time(row.name(), variant, effort.warmUp());
            }
            for (int round = 0; round < effort.rounds(); round++) {
                ours.add(own.time(row.name(), Variant.LEHR, effort.turn()));
                for (Variant variant : round == 0 ? variants() : contenders()) {
                    peers.computeIfAbsent(variant, missing -> new ArrayList<>())
                            .add(peer.time(row.name(), variant, effort.turn()));
                }
            }
        } finally {
            if (!effort.shareProcess()) {
                own.close();
            }
        }
        Variant best = best();
        double mine = Median.of(ours);
        return new Result(
                row.name(),
                session.threads(),
                Result.MILLIS,
                mine,
                Median.of(peers.get(best)),
                best.title(),
                session.share(row.cost(), mine),
                shipped);
    }

    private static void joined(CompletableFuture<Void> work) {
        try {
            work.join();
        } catch (CompletionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e);
        }
    }

    private double shipped() {
        return session.lasting(Surroundings.AS_SHIPPED).time(row.name(), Variant.TORCH, effort.turn());
    }

    private List<Variant> variants() {
        List<Variant> variants = new ArrayList<>(List.of(Variant.TORCH, Variant.TORCH_WITHOUT_ONEDNN));
        if (row.blas() != null) {
            variants.add(Variant.OPENBLAS);
        }
        if (session.threads() > 1) {
            variants.add(Variant.TORCH_BLAS_ON_ONE_THREAD);
            variants.add(Variant.TORCH_ON_ONE_THREAD);
        }
        return variants;
    }

    private Variant best() {
        return peers.keySet().stream()
                .min((a, b) -> Double.compare(Median.of(peers.get(a)), Median.of(peers.get(b))))
                .orElseThrow();
    }

    private List<Variant> contenders() {
        double least = Median.of(peers.get(best()));
        return peers.keySet().stream()
                .filter(variant -> Median.of(peers.get(variant)) < HOPELESS * least)
                .toList();
    }
}
