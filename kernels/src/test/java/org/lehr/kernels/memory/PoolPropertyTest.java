package org.lehr.kernels.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/// Storages that are live at the same time never share memory, whatever way others came back.
class PoolPropertyTest {

    /// A live storage and the byte that all of it should hold.
    private record Marked(Storage storage, byte mark) {

        static Marked of(Storage storage, int mark) {
            storage.segment().fill((byte) mark);
            return new Marked(storage, (byte) mark);
        }

        void check() {
            byte[] expected = new byte[(int) storage.byteSize()];
            Arrays.fill(expected, mark);
            byte[] actual = storage.segment().toArray(ValueLayout.JAVA_BYTE);
            assertTrue(Arrays.equals(expected, actual), () -> storage + " was overwritten");
        }
    }

    @Property(tries = 60)
    void contentsSurvive(@ForAll @Size(min = 1, max = 300) List<Integer> actions) {
        Pool pool = Pool.withLimit(2 << 20);
        List<Marked> live = new ArrayList<>();
        long held = 0;
        for (int i = 0; i < actions.size(); i++) {
            int action = actions.get(i);
            int choice = Math.floorMod(action, 8);
            int size = Math.floorMod(action >> 3, 1 << 3 + Math.floorMod(action, 15));
            if (choice >= 4 && held + size < 1 << 20) {
                live.add(Marked.of(pool.allocate(size, "live"), i));
                held += size;
            } else if (!live.isEmpty()) {
                Marked gone = live.remove(Math.floorMod(action >> 3, live.size()));
                gone.check();
                held -= gone.storage().byteSize();
                if (choice < 3) {
                    gone.storage().release();
                }
            }
            if (choice == 3 && i % 50 == 0) {
                pool.collect();
            }
        }
        live.forEach(Marked::check);
        live.forEach(marked -> marked.storage().release());
        MemoryStatistics statistics = pool.statistics();
        assertTrue(statistics.peak() <= statistics.limit());
        assertTrue(statistics.outstanding() + statistics.pooled() <= statistics.limit());
    }

    /// Four threads hand each other storages and release, drop or trim them.
    @Test
    void contentsSurviveOnManyThreads() throws InterruptedException {
        Pool pool = Pool.withLimit(32 << 20);
        ConcurrentLinkedQueue<Marked> shared = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<AssertionError> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int seed = t;
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    exchange(pool, shared, new Random(seed));
                } catch (AssertionError e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), List.copyOf(failures));
        shared.forEach(Marked::check);
        shared.forEach(marked -> marked.storage().release());
        shared.clear();
        pool.collect();
        assertEquals(0, pool.statistics().outstanding());
        pool.trim();
        assertEquals(0, pool.statistics().pooled());
    }

    private static void exchange(Pool pool, ConcurrentLinkedQueue<Marked> shared, Random random) {
        for (int i = 0; i < 20_000; i++) {
            int size = random.nextInt(1 << 6 + random.nextInt(11));
            shared.add(Marked.of(pool.allocate(size, "shared"), random.nextInt(256)));
            if (shared.size() > 100) {
                Marked marked = shared.poll();
                if (marked != null) {
                    marked.check();
                    if (random.nextInt(4) > 0) {
                        marked.storage().release();
                    }
                }
            }
            if (i % 5_000 == 4_999) {
                pool.trim();
            }
        }
    }
}
