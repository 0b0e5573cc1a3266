package org.lehr.engine.distributed.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lehr.engine.distributed.LocalGroup;
import org.lehr.engine.distributed.Reduction;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

@Timeout(60)
final class StragglerDetectorTest {

    private static final long MILLISECOND = 1_000_000;
    private static final int PLANTED = 20;

    /// What goes wrong on a rank before an iteration.
    private interface Plant {
        void at(SimulatedLinks links, int rank, int iteration);
    }

    /// What is found after each of `iterations` of two all-reduces, each after 100 ms and exponential jitter of 1
    /// ms.
    private static List<List<Suspect>> find(int ranks, int iterations, Plant plant) {
        SimulatedLinks links = new SimulatedLinks(ranks);
        List<List<CollectiveRecord>> notes = new LocalGroup(ranks, Duration.ofSeconds(30))
                .run(rank -> new CollectiveTelemetry(rank, 2 * iterations, links.clock(rank)), rank -> {
                    Tensor x = Tensor.zeros(16);
                    double[] jitter = new RandomStream(7)
                            .split(rank.rank())
                            .uniform(DType.FLOAT64, 2L * iterations)
                            .toDoubleArray();
                    for (int i = 0; i < iterations; i++) {
                        plant.at(links, rank.rank(), i + 1);
                        rank.telemetry().nextIteration();
                        for (int part = 0; part < 2; part++) {
                            double extra = -StrictMath.log1p(-jitter[2 * i + part]) * MILLISECOND;
                            links.pass(rank.rank(), 100 * MILLISECOND + (long) extra);
                            rank.allReduce(x, Reduction.SUM).await();
                        }
                    }
                    return rank.telemetry().drain();
                });
        StragglerDetector detector = new StragglerDetector(ranks);
        return DelayMatrix.of(notes).stream().map(detector::add).toList();
    }

    /// What is found three iterations after something was planted, when nothing was found before.
    private static Suspect found(int ranks, Plant plant) {
        List<List<Suspect>> found = find(ranks, PLANTED + StragglerDetector.WINDOW - 1, plant);
        assertTrue(found.subList(0, PLANTED - 1).stream().allMatch(List::isEmpty), found::toString);
        assertEquals(1, found.getLast().size(), found::toString);
        return found.getLast().getFirst();
    }

    @Test
    void cleanStepsAlarmNobody() {
        for (int ranks : new int[] {2, 8}) {
            List<List<Suspect>> found = find(ranks, 500, (_, _, _) -> {});
            assertEquals(500, found.size());
            assertTrue(found.stream().allMatch(List::isEmpty), found::toString);
        }
    }

    @Test
    void aSlowRankIsNamed() {
        for (int ranks : new int[] {2, 3, 8}) {
            Suspect found = found(ranks, (links, rank, iteration) -> {
                if (rank == 1 && iteration >= PLANTED) {
                    links.pass(rank, 30 * MILLISECOND);
                }
            });
            Suspect.SlowRank slow = assertInstanceOf(Suspect.SlowRank.class, found);
            assertEquals(1, slow.rank());
            assertEquals(30, slow.milliseconds(), 6);
        }
    }

    @Test
    void aSlowLinkIsNamed() {
        for (int ranks : new int[] {4, 8}) {
            Suspect found = found(ranks, (links, rank, iteration) -> {
                if (rank == 3 && iteration >= PLANTED) {
                    links.link(3, 1, 30 * MILLISECOND);
                }
            });
            Suspect.SlowLink slow = assertInstanceOf(Suspect.SlowLink.class, found);
            assertEquals(3, slow.from());
            assertEquals(1, slow.to());
            assertTrue(slow.toString().contains("from rank 3 to rank 1"), slow::toString);
        }
    }

    @Test
    void aHiccupIsNoAlarm() {
        List<List<Suspect>> found = find(8, 30, (links, rank, iteration) -> {
            if (rank == 2 && iteration % 10 < 2) {
                links.pass(rank, 300 * MILLISECOND);
            }
        });
        assertTrue(found.stream().allMatch(List::isEmpty), found::toString);
    }

    @Test
    void aHungRankIsNamed() {
        AtomicLong now = new AtomicLong();
        ConcurrentHashMap<Integer, CollectiveTelemetry> all = new ConcurrentHashMap<>();
        List<Optional<Suspect>> found = new LocalGroup(4, Duration.ofSeconds(30))
                .run(rank -> all.computeIfAbsent(rank, _ -> new CollectiveTelemetry(rank, 8, now::get)), rank -> {
                    Optional<Suspect> suspect = Optional.empty();
                    if (rank.rank() == 2) {
                        List<CollectiveTelemetry> notes =
                                IntStream.range(0, 4).mapToObj(all::get).toList();
                        while (notes.stream()
                                        .filter(note -> note.waiting().isPresent())
                                        .count()
                                < 3) {
                            Thread.onSpinWait();
                        }
                        now.set(999 * MILLISECOND);
                        assertEquals(Optional.empty(), StragglerDetector.hung(notes, Duration.ofSeconds(1)));
                        now.set(1000 * MILLISECOND);
                        suspect = StragglerDetector.hung(notes, Duration.ofSeconds(1));
                    }
                    rank.barrier().await();
                    return suspect;
                });
        assertEquals(Optional.of(new Suspect.Hung(2, 1000)), found.get(2));
    }

    @Test
    void theRingKeepsTheLast() {
        List<List<CollectiveRecord>> notes = new LocalGroup(2, Duration.ofSeconds(30))
                .run(rank -> new CollectiveTelemetry(rank, 3, RankClock.system()), rank -> {
                    for (int i = 0; i < 5; i++) {
                        rank.allReduce(Tensor.zeros(6), Reduction.SUM).await();
                    }
                    assertEquals(2, rank.telemetry().lost());
                    return rank.telemetry().drain();
                });
        CollectiveRecord last = notes.getFirst().getLast();
        assertEquals(3, notes.getFirst().size());
        assertEquals("all-reduce", last.operation());
        assertEquals(4, last.sequence());
        assertEquals(24, last.bytes());
        assertEquals(2, last.waits().size());
        assertTrue(last.end() - last.begin() >= last.waited(), last::toString);
        assertThrows(IllegalArgumentException.class, () -> new CollectiveTelemetry(0, 0, RankClock.system()));
        assertThrows(IllegalArgumentException.class, () -> new StragglerDetector(1));
    }

    @Test
    void collectivesAreEventsOfTheFlightRecorder() {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (RecordingStream stream = new RecordingStream()) {
            stream.enable("lehr.Collective");
            stream.onEvent("lehr.Collective", event -> seen.add(event.getString("operation")));
            stream.startAsync();
            LocalGroup.of(2).run(rank -> {
                rank.barrier().await();
                return null;
            });
            stream.stop();
        }
        assertEquals(List.of("barrier", "barrier"), seen);
    }
}
