package org.lehr.engine.distributed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.parallel.Workers;

@Timeout(60)
final class LocalGroupTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7})
    void threadsKeepTheContract(int ranks) {
        List<Double> sums = LocalGroup.of(ranks).run(CommunicatorContract::check);
        assertEquals(1, sums.stream().distinct().count());
        double again = Workers.with(
                5, () -> LocalGroup.of(ranks).run(CommunicatorContract::check).getFirst());
        assertEquals(sums.getFirst(), again);
    }

    private static String failure(int ranks, Consumer<Communicator> body) {
        LocalGroup group = new LocalGroup(ranks, Duration.ofMillis(300));
        return assertThrows(
                        CommunicationException.class,
                        () -> group.run(communicator -> {
                            body.accept(communicator);
                            return null;
                        }))
                .getMessage();
    }

    private static void assertNames(String message, String... parts) {
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "'" + part + "' is not in: " + message);
        }
    }

    @Test
    void differentOperationsAreNamed() {
        String message = failure(3, ranks -> {
            Tensor x = Tensor.zeros(10);
            (ranks.rank() == 1 ? ranks.broadcast(x, 0) : ranks.allReduce(x, Reduction.SUM)).await();
        });
        assertNames(message, "rank 1 ", "broadcast 0 (root 0) of float32[10]", "all-reduce 0 (sum) of float32[10]");
    }

    @Test
    void differentSizesAndReductionsAreNamed() {
        assertNames(
                failure(
                        2,
                        ranks -> ranks.allReduce(Tensor.zeros(10 + ranks.rank()), Reduction.SUM)
                                .await()),
                "float32[10]",
                "float32[11]",
                "rank 0",
                "rank 1");
        assertNames(
                failure(
                        2,
                        ranks -> ranks.allReduce(Tensor.zeros(10), ranks.rank() == 0 ? Reduction.SUM : Reduction.MAX)
                                .await()),
                "(sum)",
                "(max)");
        assertNames(
                failure(
                        2,
                        ranks -> ranks.allReduce(
                                        ranks.rank() == 0 ? Tensor.zeros(4) : Tensor.of(new double[4]), Reduction.SUM)
                                .await()),
                "float32[4]",
                "float64[4]");
        assertNames(
                failure(2, ranks -> {
                    long other = ranks.rank() == 0 ? 1 : 2;
                    long[] rows = ranks.rank() == 0 ? new long[] {2, other} : new long[] {other, 2};
                    ranks.allToAll(Tensor.zeros(2 + other), rows, Tensor.zeros(4), new long[] {2, 2})
                            .await();
                }),
                "all-to-all 0 of float32[1]",
                "float32[2]");
    }

    @Test
    void aRankThatIsLateIsNamed() {
        String message = failure(2, ranks -> {
            ranks.barrier().await();
            if (ranks.rank() == 0) {
                ranks.allReduce(Tensor.zeros(3), Reduction.SUM).await();
            } else {
                pass(2000);
            }
        });
        assertNames(message, "all-reduce 1 (sum) of float32[3]", "rank 0 has waited 300 ms for rank 1", "barrier 0");
    }

    @Test
    void aRankThatHasLeftIsNamed() {
        String message = failure(3, ranks -> {
            if (ranks.rank() != 2) {
                ranks.allReduce(Tensor.zeros(3), Reduction.SUM).await();
            }
        });
        assertNames(message, "all-reduce 0", "rank 2 has left");
    }

    @Test
    void theFailureOfARankIsThrownAndTheOthersEnd() {
        long begin = System.nanoTime();
        LocalGroup group = LocalGroup.of(4);
        IllegalArgumentException failure = assertThrows(
                IllegalArgumentException.class,
                () -> group.run(ranks -> {
                    if (ranks.rank() == 3) {
                        throw new IllegalArgumentException("no such thing");
                    }
                    ranks.allReduce(Tensor.zeros(3), Reduction.SUM).await();
                    return null;
                }));
        assertEquals("no such thing", failure.getMessage());
        assertTrue(System.nanoTime() - begin < 20e9, "the others waited to the end of their patience");
    }

    @Test
    void nothingIsDoneAfterAFailure() {
        failure(2, ranks -> {
            Tensor x = Tensor.zeros(10 + ranks.rank());
            assertThrows(
                    CommunicationException.class,
                    () -> ranks.allReduce(x, Reduction.SUM).await());
            ranks.barrier().await();
        });
    }

    @Test
    void groupsNeedRanksAndPatience() {
        assertThrows(IllegalArgumentException.class, () -> LocalGroup.of(0));
        assertThrows(IllegalArgumentException.class, () -> new LocalGroup(2, Duration.ZERO));
    }

    private static void pass(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
