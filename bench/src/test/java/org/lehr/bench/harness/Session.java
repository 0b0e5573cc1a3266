package org.lehr.bench.harness;

import java.io.File;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.lehr.bench.Cost;
import org.lehr.bench.Cost.Bound;

/// The processes of one run for one number of threads. Those of native peers last for the run; ours are made for each
/// row, so that what the compiler learnt from one row does not meet the next.
final class Session implements AutoCloseable {

    /// The peer's allocator is malloc. What a call gave back would be cut up by the next small request of the
    /// virtual
    /// machine, and the call after it would get pages that nobody has touched; this leaves it enough that has been.
    private static final long PEER_MEMORY = 2L << 30;

    private static final int ARITHMETIC_SAMPLES = 4;

    private final int threads;
    private final String coreType;
    private final File log;
    private final Map<Surroundings, WorkerProcess> lasting = new EnumMap<>(Surroundings.class);
    private final Map<Integer, Double> bandwidths = new HashMap<>();
    private double arithmetic;

    Session(int threads, String coreType, File log) {
        this.threads = threads;
        this.coreType = coreType;
        this.log = log;
    }

    int threads() {
        return threads;
    }

    WorkerProcess start(Surroundings surroundings) {
        return new WorkerProcess(new WorkerProcess.Place(surroundings, threads, coreType, log));
    }

    /// A process that runs another engine's program.
    WorkerProcess start(Surroundings surroundings, JvmPeerProgram program) {
        return new WorkerProcess(
                new WorkerProcess.Place(surroundings, threads, coreType, log),
                program.classPath(),
                program.mainClass());
    }

    /// The process of this kind that lasts.
    WorkerProcess lasting(Surroundings surroundings) {
        return lasting.computeIfAbsent(surroundings, missing -> {
            WorkerProcess worker = start(missing);
            if (missing == Surroundings.TUNED_PEER) {
                worker.touch(PEER_MEMORY);
            }
            return worker;
        });
    }

    /// Ends what lasts, to have its memory.
    void rest() {
        lasting.values().forEach(WorkerProcess::close);
        lasting.clear();
    }

    /// The share of this machine's limit that work of this cost has reached in `millis`.
    double share(Cost cost, double millis) {
        double limit = cost.bound() == Bound.ARITHMETIC ? arithmetic() : bandwidth(cost.amount());
        return cost.amount() / (millis * 1e-3) / limit;
    }

    private double arithmetic() {
        if (arithmetic == 0) {
            WorkerProcess worker = lasting(Surroundings.OWN);
            for (int i = 0; i < ARITHMETIC_SAMPLES; i++) {
                arithmetic = Math.max(arithmetic, worker.peak(Bound.ARITHMETIC, 0));
            }
        }
        return arithmetic;
    }

    private double bandwidth(double bytes) {
        Supplier<Double> measured = () -> {
            WorkerProcess worker = lasting(Surroundings.OWN);
            return Math.max(worker.peak(Bound.BANDWIDTH, bytes), worker.peak(Bound.BANDWIDTH, bytes));
        };
        // Sizes within a factor of two share a measurement.
        return bandwidths.computeIfAbsent(Math.getExponent(bytes), missing -> measured.get());
    }

    @Override
    public void close() {
        rest();
    }
}
