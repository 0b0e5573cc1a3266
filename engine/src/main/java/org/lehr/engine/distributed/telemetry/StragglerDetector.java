package org.lehr.engine.distributed.telemetry;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.StatUtils;
import org.lehr.engine.distributed.telemetry.CollectiveTelemetry.Waiting;

/// Finds slow ranks and slow links by the matrix of delays, as C4D does (Dong et al. 2024): traffic of training is
/// equal and periodic, so that what stands out is ill.
///
/// An entry stands out when its robust score, `(delay − median) / (1.4826 · MAD)`, is above 8 in each of the last three
/// iterations; the deviation is that of what ranks waited altogether, over the last 16 iterations, and at least 0.1 ms.
/// Where most of a rank's column (others wait for it) or row (it waits for
/// others) stands out, the rank is named, else the link. Two ranks cannot tell a slow link from a slow sender, and need
/// some good iterations first.
public final class StragglerDetector {

    /// In how many iterations one after the other an entry must stand out.
    public static final int WINDOW = 3;

    private static final double THRESHOLD = 8;
    private static final int HISTORY = 16;
    private static final double DEVIATION_OF_MAD = 1.4826;
    private static final double LEAST_DEVIATION = 1e5;

    private final int ranks;
    private final Deque<DelayMatrix> history = new ArrayDeque<>();
    private final int[][] times;

    /// @param ranks at least two
    public StragglerDetector(int ranks) {
        if (ranks < 2) {
            throw new IllegalArgumentException("straggler detector: needs at least two ranks, got " + ranks);
        }
        this.ranks = ranks;
        times = new int[ranks][ranks];
    }

    /// Takes the delays of the next iteration, and names who is slow now: ranks first, then links.
    public List<Suspect> add(DelayMatrix delays) {
        if (delays.nanos().length != ranks) {
            throw new IllegalArgumentException(
                    "straggler detector: needs delays of " + ranks + " ranks, got " + delays.nanos().length);
        }
        if (history.size() == HISTORY) {
            history.removeFirst();
        }
        history.addLast(delays);
        double bound = bound();
        for (int receiver = 0; receiver < ranks; receiver++) {
            for (int sender = 0; sender < ranks; sender++) {
                boolean out = receiver != sender && delays.nanos()[receiver][sender] > bound;
                times[receiver][sender] = out ? times[receiver][sender] + 1 : 0;
            }
        }
        return suspects(delays.nanos());
    }

    /// Above which a delay stands out.
    private double bound() {
        double[] usual = history.stream()
                .flatMapToDouble(past -> IntStream.range(0, ranks * ranks)
                        .filter(i -> i / ranks != i % ranks)
                        .mapToDouble(i -> past.nanos()[i / ranks][i % ranks]))
                .toArray();
        double[] spreads = history.stream().mapToDouble(this::spread).toArray();
        double deviation = DEVIATION_OF_MAD * median(spreads);
        return median(usual) + THRESHOLD * Math.max(LEAST_DEVIATION, deviation);
    }

    /// The median deviation of what ranks waited altogether in an iteration. Single delays would not do: a message
    /// that
    /// is read after a later one is not waited for, so that most are 0.
    private double spread(DelayMatrix past) {
        double[] totals =
                Arrays.stream(past.nanos()).mapToDouble(StatUtils::sum).toArray();
        double middle = median(totals);
        return median(Arrays.stream(totals).map(x -> Math.abs(x - middle)).toArray());
    }

    private static double median(double... values) {
        return StatUtils.percentile(values, 50);
    }

    private boolean out(int receiver, int sender) {
        return times[receiver][sender] >= WINDOW;
    }

    private List<Suspect> suspects(double[][] delays) {
        List<Suspect> found = new ArrayList<>();
        boolean[] named = new boolean[ranks];
        for (int rank = 0; rank < ranks; rank++) {
            int one = rank;
            double[] column = others(one)
                    .filter(i -> out(i, one))
                    .mapToDouble(i -> delays[i][one])
                    .toArray();
            double[] row = others(one)
                    .filter(i -> out(one, i))
                    .mapToDouble(i -> delays[one][i])
                    .toArray();
            double[] most = column.length >= row.length && 2 * column.length > ranks - 1 ? column : row;
            if (2 * most.length > ranks - 1 && (ranks > 2 || column.length > 0)) {
                named[rank] = true;
                found.add(new Suspect.SlowRank(rank, median(most) / 1e6));
            }
        }
        for (int i = 0; i < ranks * ranks; i++) {
            int receiver = i / ranks;
            int sender = i % ranks;
            if (out(receiver, sender) && !named[receiver] && !named[sender]) {
                found.add(new Suspect.SlowLink(sender, receiver, delays[receiver][sender] / 1e6));
            }
        }
        return found;
    }

    private IntStream others(int rank) {
        return IntStream.range(0, ranks).filter(i -> i != rank);
    }

    /// Who hangs: from the one that has waited longest, and beyond `timeout`, on to whom it waits for, whom that
    /// one
    /// waits for and so on, until one that does not wait. Ranks that wait in a circle have none.
    ///
    /// @param all notes of each rank, in the order of ranks
    public static Optional<Suspect> hung(List<CollectiveTelemetry> all, Duration timeout) {
        List<Optional<Waiting>> waits =
                all.stream().map(CollectiveTelemetry::waiting).toList();
        Optional<Waiting> longest = waits.stream()
                .flatMap(Optional::stream)
                .max(Comparator.comparingLong(wait -> waited(all, wait)))
                .filter(wait -> waited(all, wait) >= timeout.toNanos());
        if (longest.isEmpty()) {
            return Optional.empty();
        }
        int rank = longest.get().peer();
        for (int hops = 0; hops < all.size(); hops++) {
            Optional<Waiting> next = waits.get(rank);
            if (next.isEmpty()) {
                return Optional.of(new Suspect.Hung(rank, waited(all, longest.get()) / 1e6));
            }
            rank = next.get().peer();
        }
        return Optional.empty();
    }

    private static long waited(List<CollectiveTelemetry> all, Waiting wait) {
        return all.get(wait.rank()).nanos() - wait.since();
    }
}
