package org.lehr.kernels.memory;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoolTest {

    private static final long MIB = 1 << 20;

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 63, 64, 65, 1000, 32_768, 32_769, 1_000_003, 5 * MIB + 1})
    void segmentsAreAlignedAndOfTheSizeAskedFor(long bytes) {
        Pool pool = Pool.withLimit(64 * MIB);
        List<Storage> storages = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Storage storage = pool.allocate(bytes, "test");
            storages.add(storage);
            MemorySegment segment = storage.segment();
            assertEquals(bytes, segment.byteSize());
            assertEquals(bytes, storage.byteSize());
            assertEquals(0, segment.address() % 64);
            segment.fill((byte) i);
            assertThrows(IndexOutOfBoundsException.class, () -> segment.get(ValueLayout.JAVA_BYTE, bytes));
        }
        for (int i = 0; i < storages.size() && bytes > 0; i++) {
            assertEquals(i, storages.get(i).segment().get(ValueLayout.JAVA_BYTE, bytes - 1));
        }
    }

    @Test
    void memoryServesAgainUnderANewHandle() {
        Pool pool = Pool.withLimit(MIB);
        Storage first = pool.allocate(1000, "first");
        long address = first.segment().address();
        first.release();
        Storage second = pool.allocate(990, "second");
        assertEquals(address, second.segment().address());
        assertNotSame(first, second);
        assertTrue(first.isReleased());
        assertFalse(second.isReleased());
    }

    @Test
    void useAfterReleaseNamesTheOwner() {
        Storage storage = Pool.withLimit(MIB).allocate(100, "scores");
        storage.release();
        String message =
                assertThrows(ReleasedMemoryException.class, storage::segment).getMessage();
        assertTrue(message.startsWith("memory of scores (100 bytes) is used after its release"), message);
        assertEquals("scores", storage.owner());
    }

    @Test
    void releasingTwiceReturnsTheBlockOnce() {
        Pool pool = Pool.withLimit(MIB);
        Storage storage = pool.allocate(100, "twice");
        storage.release();
        storage.release();
        Storage a = pool.allocate(100, "a");
        storage.release();
        Storage b = pool.allocate(100, "b");
        assertNotEquals(a.segment().address(), b.segment().address());
        assertEquals(256, pool.statistics().outstanding());
    }

    @Test
    void statisticsCountBlocks() {
        Pool pool = Pool.withLimit(8 * MIB);
        Storage small = pool.allocate(1, "small");
        Storage large = pool.allocate(MIB, "large");
        assertEquals(64 + MIB, pool.statistics().outstanding());
        large.release();
        assertEquals(64, pool.statistics().outstanding());
        assertEquals(64 + MIB, pool.statistics().peak());
        assertTrue(pool.statistics().pooled() >= MIB);
        pool.resetPeak();
        assertEquals(64, pool.statistics().peak());
        assertEquals(8 * MIB, pool.statistics().limit());
        small.release();
        pool.trim();
        assertEquals(new MemoryStatistics(0, 0, 64, 8 * MIB), pool.statistics());
    }

    @Test
    void trimLeavesWhatIsInUse() {
        Pool pool = Pool.withLimit(8 * MIB);
        Storage used = pool.allocate(100, "used");
        pool.allocate(100, "unused").release();
        Storage idle = pool.allocate(MIB, "idle");
        idle.release();
        long given = pool.trim();
        assertEquals(MIB, given);
        used.segment().fill((byte) 7);
        assertEquals(7, used.segment().get(ValueLayout.JAVA_BYTE, 99));
        assertDoesNotThrow(() -> pool.allocate(100, "again").segment().fill((byte) 1));
    }

    @Test
    void cachedBlocksOfOneSizeMakeRoomForAnother() {
        Pool pool = Pool.withLimit(4 * MIB);
        for (long size = 1000; size < 3 * MIB; size += 100_000) {
            Storage one = pool.allocate(size, "one");
            one.segment().fill((byte) 1);
            one.release();
        }
        assertTrue(pool.statistics().pooled() <= 4 * MIB);
        assertEquals(0, pool.statistics().outstanding());
    }

    @Test
    void exhaustionListsTheLargestOwners() {
        Pool pool = Pool.withLimit(4 * MIB);
        List<Storage> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(pool.allocate(MIB, "activations"));
        }
        held.add(pool.allocate(1000, "norms"));
        MemoryExhaustedException e =
                assertThrows(MemoryExhaustedException.class, () -> pool.allocate(2 * MIB, "scores"));
        assertEquals(2 * MIB, e.requested());
        String message = e.getMessage();
        assertTrue(
                message.startsWith(
                        "memory exhausted: 2.0 MiB for scores do not fit; limit 4.0 MiB, outstanding 3.0 MiB"),
                message);
        assertTrue(message.contains("largest owners: activations (3 x, 3.0 MiB), norms (1 x, 1.0 KiB)"), message);
        assertTrue(message.contains("-Dlehr.memory"), message);
        assertFalse(message.contains("DisableExplicitGC"), message);
        held.removeLast();
        held.removeLast().release();
        assertEquals(2 * MIB, pool.allocate(2 * MIB, "scores").byteSize(), "the failure leaves the pool usable");
        assertEquals(2, held.size());
    }

    @Test
    void smallBlocksFitToTheLastByteOfTheLimit() {
        Pool pool = Pool.withLimit(10 * 64);
        List<Storage> held = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            held.add(pool.allocate(64, "small"));
        }
        assertThrows(MemoryExhaustedException.class, () -> pool.allocate(1, "one more"));
        assertEquals(640, pool.statistics().outstanding());
        assertEquals(10, held.size());
    }

    @Test
    void impossibleSizesAreRefused() {
        Pool pool = Pool.withLimit(MIB);
        assertThrows(IllegalArgumentException.class, () -> pool.allocate(-1, "negative"));
        assertThrows(IllegalArgumentException.class, () -> pool.allocate(Long.MAX_VALUE, "huge"));
        assertThrows(MemoryExhaustedException.class, () -> pool.allocate(1L << 45, "large"));
        assertThrows(IllegalArgumentException.class, () -> Pool.withLimit(-1));
        assertThrows(MemoryExhaustedException.class, () -> Pool.withLimit(0).allocate(0, "nothing"));
    }

    /// 20 GB of 3 MB blocks that nobody releases.
    @Test
    void droppedStoragesAreFoundByTheCollector() {
        Pool pool = Pool.withLimit(256 * MIB);
        long size = 3 * MIB;
        for (long total = 0; total < 20L << 30; total += size) {
            MemorySegment segment = pool.allocate(size, "dropped").segment();
            segment.set(ValueLayout.JAVA_LONG, 0, total);
            segment.set(ValueLayout.JAVA_LONG, size - 8, total);
        }
        assertTrue(pool.statistics().peak() <= 256 * MIB);
        pool.collect();
        assertTrue(pool.statistics().outstanding() <= size);
    }

    @Test
    void interruptedThreadsGetMemoryAndStayInterrupted() {
        Pool pool = Pool.withLimit(4 * MIB);
        Thread.currentThread().interrupt();
        for (int i = 0; i < 20; i++) {
            pool.allocate(MIB, "dropped");
        }
        assertTrue(Thread.interrupted());
    }

    /// Together the threads drop many times the limit; none of them may find it exhausted.
    @Test
    void threadsThatDropStoragesShareTheCollections() throws InterruptedException {
        Pool pool = Pool.withLimit(32 * MIB);
        AtomicInteger made = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 500; i++) {
                    pool.allocate(MIB, "dropped").segment().set(ValueLayout.JAVA_INT, 0, i);
                    made.incrementAndGet();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(2000, made.get());
    }

    @Test
    void blockIsNotLentAgainWhileItsSegmentIsInUse() {
        Pool pool = Pool.withLimit(MIB);
        MemorySegment segment =
                pool.allocate(300_000, "only the segment is held").segment();
        segment.fill((byte) 42);
        for (int i = 0; i < 10; i++) {
            pool.collect();
            pool.allocate(300_000, "other").segment().fill((byte) i);
        }
        for (int i = 0; i < 300_000; i += 1000) {
            assertEquals(42, segment.get(ValueLayout.JAVA_BYTE, i));
        }
    }

    @Test
    void foreignMemoryKeepsItsContentsAfterRelease() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(16);
            Storage storage = Storage.of(memory, "mapped");
            storage.segment().set(ValueLayout.JAVA_INT, 0, 7);
            storage.release();
            assertThrows(ReleasedMemoryException.class, storage::segment);
            assertEquals(7, memory.get(ValueLayout.JAVA_INT, 0));
        }
    }

    @Test
    void versionCountsWrites() {
        Storage storage = Pool.withLimit(MIB).allocate(8, "versioned");
        assertEquals(0, storage.version());
        storage.written();
        storage.written();
        assertEquals(2, storage.version());
    }
}
