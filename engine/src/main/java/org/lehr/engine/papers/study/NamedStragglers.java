package org.lehr.engine.papers.study;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.lehr.engine.distributed.LocalGroup;
import org.lehr.engine.distributed.Reduction;
import org.lehr.engine.distributed.telemetry.CollectiveRecord;
import org.lehr.engine.distributed.telemetry.CollectiveTelemetry;
import org.lehr.engine.distributed.telemetry.DelayMatrix;
import org.lehr.engine.distributed.telemetry.SimulatedLinks;
import org.lehr.engine.distributed.telemetry.StragglerDetector;
import org.lehr.engine.distributed.telemetry.Suspect;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Dong et al. 2024 (C4): the traffic of training is periodic and equal, so that the matrix of delays between ranks
/// names
/// the rank or the link that is ill. Real all-reduces of eight ranks run in simulated time, with exponential jitter of
/// 1 ms on 100 ms of computing. The baseline counts the waits as they are, without taking off what the sender had
/// itself
/// waited for. How much time this saves a cluster is not checked.
public final class NamedStragglers implements Study {

    private static final int RANKS = 8;
    private static final int PLANTED = 20;
    private static final long MILLISECOND = 1_000_000;
    private static final long DELAY = 30 * MILLISECOND;

    /// What is planted: a link `from → to`, or all that rank `from` does when both are the same; nothing when
    /// `from` is
    /// −1.
    private record Fault(int from, int to) {}

    /// A study without settings.
    public NamedStragglers() {}

    @Override
    public Claim claim() {
        return Claim.of(
                82,
                "A slow rank or link stands out in the matrix of delays that collectives leave",
                "30 ms planted on each of 8 ranks, and on a link from each, in real all-reduces in simulated time: all"
                        + " named, and nothing else, within 3 iterations; no alarm in 500 clean ones");
    }

    @Override
    public Findings run(Trial trial) {
        Sample ranks = trial.sample(seed -> named(trial, seed, false));
        Sample links = trial.sample(seed -> named(trial, seed, true));
        int clean = 500;
        Sample alarms = trial.sample(seed -> found(trial, seed, clean, new Fault(-1, -1)).stream()
                .filter(Predicate.not(List::isEmpty))
                .count());
        return Findings.table("planted", "share named")
                .row("slow rank", ranks)
                .row("slow link", links)
                .row("nothing: alarms in " + clean, alarms)
                .atLeast("slow ranks named", ranks.min(), 1)
                .atLeast("slow links named", links.min(), 1)
                .atMost("alarms in " + clean + " clean iterations", alarms.max(), 0)
                .build();
    }

    /// The share of the faults that are named, and alone, three iterations after they were planted.
    private static double named(Trial trial, long seed, boolean link) {
        int iterations = PLANTED + StragglerDetector.WINDOW - 1;
        return IntStream.range(0, RANKS)
                        .mapToObj(rank -> new Fault(rank, link ? (rank + 3) % RANKS : rank))
                        .filter(fault -> {
                            List<Suspect> last =
                                    found(trial, seed, iterations, fault).getLast();
                            return last.size() == 1 && is(last.getFirst(), fault);
                        })
                        .count()
                / (double) RANKS;
    }

    private static boolean is(Suspect suspect, Fault fault) {
        return switch (suspect) {
            case Suspect.SlowRank slow -> fault.from == fault.to && slow.rank() == fault.from;
            case Suspect.SlowLink slow -> slow.from() == fault.from && slow.to() == fault.to;
            case Suspect.Hung _ -> false;
        };
    }

    private static List<List<Suspect>> found(Trial trial, long seed, int iterations, Fault fault) {
        SimulatedLinks links = new SimulatedLinks(RANKS);
        List<List<CollectiveRecord>> notes = new LocalGroup(RANKS, Duration.ofMinutes(1))
                .run(rank -> new CollectiveTelemetry(rank, iterations, links.clock(rank)), rank -> {
                    double[] jitter = new RandomStream(seed)
                            .split(rank.rank())
                            .uniform(DType.FLOAT64, iterations)
                            .toDoubleArray();
                    Tensor gradient = Tensor.zeros(64);
                    for (int i = 0; i < iterations; i++) {
                        rank.telemetry().nextIteration();
                        boolean ill = rank.rank() == fault.from && i + 1 >= PLANTED;
                        if (ill && fault.from != fault.to) {
                            links.link(fault.from, fault.to, DELAY);
                        }
                        long slow = ill && fault.from == fault.to ? DELAY : 0;
                        double extra = -StrictMath.log1p(-jitter[i]) * MILLISECOND;
                        links.pass(rank.rank(), 100 * MILLISECOND + slow + (long) extra);
                        rank.allReduce(gradient, Reduction.SUM).await();
                    }
                    return rank.telemetry().drain();
                });
        StragglerDetector detector = new StragglerDetector(RANKS);
        return DelayMatrix.of(trial.method() ? notes : withoutLags(notes)).stream()
                .map(detector::add)
                .toList();
    }

    private static List<List<CollectiveRecord>> withoutLags(List<List<CollectiveRecord>> notes) {
        return notes.stream()
                .map(rank -> rank.stream()
                        .map(note -> new CollectiveRecord(
                                note.group(),
                                note.operation(),
                                note.sequence(),
                                note.iteration(),
                                note.bytes(),
                                note.begin(),
                                note.end(),
                                note.waits(),
                                List.of()))
                        .toList())
                .toList();
    }
}
