package org.lehr.kernels.parallel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.kernels.lanes.ForkedJvm;

class WorkersTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void everyElementIsVisitedOnceInPiecesOfTheGrain(int threads) {
        Workers.with(threads, () -> {
            for (int size : new int[] {0, 1, 2, 7, 16, 17, 1009}) {
                for (int grain : new int[] {1, 3, 16, 2000}) {
                    AtomicIntegerArray visits = new AtomicIntegerArray(size);
                    Workers.current().forRange(size, grain, (from, to) -> {
                        assertEquals(0, from % grain);
                        assertEquals(Math.min(size, from + grain), to);
                        for (long i = from; i < to; i++) {
                            visits.incrementAndGet((int) i);
                        }
                    });
                    for (int i = 0; i < size; i++) {
                        assertEquals(1, visits.get(i));
                    }
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void allAndOnlyTheWantedThreadsTakePart(int threads) {
        Set<String> names = ConcurrentHashMap.newKeySet();
        CountDownLatch together = new CountDownLatch(threads);
        Workers.with(threads, () -> {
            assertEquals(threads, Workers.current().threads());
            Workers.current().forRange(threads, 1, (from, to) -> {
                names.add(Thread.currentThread().getName());
                together.countDown();
                awaitUninterrupted(together);
            });
        });
        assertEquals(threads, names.size());
        assertTrue(names.remove(Thread.currentThread().getName()));
        assertTrue(names.stream().allMatch(name -> name.matches("lehr-worker-\\d+")), names::toString);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void noMoreThanTheWantedThreadsWorkAtOnce(int threads) {
        AtomicInteger working = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Workers.with(
                threads,
                () -> Workers.current().forRange(2000, 1, (from, to) -> {
                    most.accumulateAndGet(working.incrementAndGet(), Math::max);
                    Thread.yield();
                    working.decrementAndGet();
                }));
        assertTrue(most.get() >= 1 && most.get() <= threads, most::toString);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5})
    void nestedCallsRunInPlaceInOrder(int threads) {
        Workers.with(
                threads,
                () -> Workers.current().forRange(20, 1, (from, to) -> {
                    Thread outer = Thread.currentThread();
                    List<Long> pieces = new ArrayList<>();
                    Workers.current().forRange(10, 3, (a, b) -> {
                        assertSame(outer, Thread.currentThread());
                        pieces.add(a);
                    });
                    assertEquals(List.of(0L, 3L, 6L, 9L), pieces);
                }));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void firstFailureByOrderIsThrown(int threads) {
        Workers.with(threads, () -> {
            for (int run = 0; run < 200; run++) {
                AtomicInteger ended = new AtomicInteger();
                ArithmeticException e = assertThrows(
                        ArithmeticException.class,
                        () -> Workers.current().forRange(50, 1, (from, to) -> {
                            if (from == 7) {
                                Thread.onSpinWait();
                                throw new ArithmeticException("piece 7");
                            }
                            if (from > 7) {
                                throw new ArithmeticException("piece " + from);
                            }
                            ended.incrementAndGet();
                        }));
                assertEquals("piece 7", e.getMessage());
                assertEquals(7, ended.get());
            }
            AtomicInteger after = new AtomicInteger();
            Workers.current().forRange(50, 1, (from, to) -> after.incrementAndGet());
            assertEquals(50, after.get(), "the workers go on after failures");
        });
    }

    @Test
    void errorsArePassedOn() {
        Workers.with(2, () -> {
            assertThrows(
                    StackOverflowError.class,
                    () -> Workers.current().forRange(4, 1, (from, to) -> {
                        throw new StackOverflowError();
                    }));
        });
    }

    @Test
    void interruptsAreKeptForLater() {
        Workers.with(2, () -> {
            for (int run = 0; run < 20; run++) {
                AtomicInteger done = new AtomicInteger();
                Thread.currentThread().interrupt();
                Workers.current().forRange(4, 1, (from, to) -> {
                    long end = System.nanoTime() + 500_000;
                    while (System.nanoTime() < end) {
                        Thread.onSpinWait();
                    }
                    done.incrementAndGet();
                });
                assertEquals(4, done.get());
                assertTrue(Thread.interrupted());
            }
        });
    }

    @Test
    void interruptingAWorkerDoesNotStopIt() {
        Workers.with(2, () -> {
            for (int run = 0; run < 50; run++) {
                AtomicInteger done = new AtomicInteger();
                Workers.current().forRange(40, 1, (from, to) -> {
                    if (Thread.currentThread().getName().startsWith("lehr-worker")) {
                        Thread.currentThread().interrupt();
                    }
                    done.incrementAndGet();
                });
                assertEquals(40, done.get());
            }
        });
        assertFalse(Thread.interrupted());
    }

    @Test
    void manyCallersShareTheWorkers() throws InterruptedException {
        ConcurrentLinkedQueue<AssertionError> failures = new ConcurrentLinkedQueue<>();
        List<Thread> callers = new ArrayList<>();
        for (int c = 0; c < 8; c++) {
            callers.add(Thread.ofPlatform()
                    .start(() -> Workers.with(3, () -> {
                        try {
                            for (int run = 0; run < 2000; run++) {
                                int[] out = new int[64];
                                Workers.current()
                                        .forRange(64, 5, (from, to) -> Arrays.fill(out, (int) from, (int) to, 1));
                                assertEquals(64, Arrays.stream(out).sum());
                            }
                        } catch (AssertionError e) {
                            failures.add(e);
                        }
                    })));
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertEquals(List.of(), List.copyOf(failures));
    }

    @Test
    void resultsOfPiecesDoNotDependOnThreads() {
        double[] one = Workers.with(1, WorkersTest::partialSums);
        assertArrayEquals(one, Workers.with(2, WorkersTest::partialSums), 0.0);
        assertArrayEquals(one, Workers.with(5, WorkersTest::partialSums), 0.0);
    }

    /// A sleeping worker must not hold the memory of the last task.
    @Test
    void finishedTasksAreForgotten() throws InterruptedException {
        WeakReference<double[]> captured = Workers.with(5, () -> {
            double[] out = new double[1000];
            Workers.current().forRange(1000, 10, (from, to) -> Arrays.fill(out, (int) from, (int) to, 1));
            return new WeakReference<>(out);
        });
        for (int i = 0; i < 200 && captured.get() != null; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertNull(captured.get());
    }

    @Test
    void impossibleArgumentsAreNamed() {
        assertThrows(IllegalArgumentException.class, () -> Workers.with(0, () -> {}));
        assertThrows(IllegalArgumentException.class, () -> Workers.with(1025, () -> {}));
        Workers workers = Workers.current();
        assertThrows(IllegalArgumentException.class, () -> workers.forRange(-1, 1, (from, to) -> {}));
        assertThrows(IllegalArgumentException.class, () -> workers.forRange(1, 0, (from, to) -> {}));
    }

    @ParameterizedTest
    @CsvSource({
        "3, threads 3",
        "0, 'lehr.threads: the number of threads must be from 1 to 1024, got 0'",
        "two, 'lehr.threads: expected a number from 1 to 1024, got ''two'''"
    })
    void numberIsAProperty(String value, String output) {
        ForkedJvm.Result result = ForkedJvm.run(PrintThreads.class, List.of("-Dlehr.threads=" + value));
        assertTrue(result.output().contains(output), result::output);
    }

    private static double[] partialSums() {
        double[] sums = new double[11];
        Workers.current().forRange(1001, 100, (from, to) -> {
            for (long i = from; i < to; i++) {
                sums[(int) (from / 100)] += 1.0 / (i + 1);
            }
        });
        return sums;
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static final class PrintThreads {

        private PrintThreads() {}

        public static void main(String[] arguments) {
            System.err.println("threads " + Workers.current().threads());
        }
    }
}
