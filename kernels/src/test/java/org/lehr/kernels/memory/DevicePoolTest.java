package org.lehr.kernels.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DevicePoolTest {

    private static final String PROPERTY = "lehr.test.memory";
    private static final long MEBIBYTE = 1 << 20;

    /// Addresses without anything behind them, up to a number of bytes.
    private static final class Counted implements DeviceMemory {

        private final Map<Long, Long> taken = new HashMap<>();
        private long next = 1L << 40;

        @Override
        public String device() {
            return "gadget";
        }

        @Override
        public long allocate(long bytes) {
            if (out() + bytes > 4 * MEBIBYTE) {
                return 0;
            }
            long address = next;
            next += bytes + 256;
            taken.put(address, bytes);
            return address;
        }

        @Override
        public void free(long address) {
            taken.remove(address);
        }

        private long out() {
            return taken.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private final Counted memory = new Counted();
    private final Pool pool = Pool.ofDevice(memory, PROPERTY, 64 * MEBIBYTE);

    @Test
    void lendsAddressesThatDoNotOverlap() {
        Storage a = pool.allocate(100, "a");
        Storage b = pool.allocate(100, "b");
        assertEquals("gadget", a.device());
        assertTrue(Math.abs(a.address() - b.address()) >= 128);
        assertEquals(0, a.address() % Pool.ALIGNMENT);
    }

    @Test
    void refusesTheHostWhatItCannotRead() {
        Storage storage = pool.allocate(64, "weights");
        IllegalStateException e = assertThrows(IllegalStateException.class, storage::segment);
        assertTrue(e.getMessage().contains("weights") && e.getMessage().contains("gadget"), e.getMessage());
        assertThrows(IllegalStateException.class, storage::padded);
        assertThrows(
                IllegalStateException.class,
                () -> Pool.host().allocate(64, "host").address());
    }

    @Test
    void comesBackByReleaseAndByScope() {
        Storage first = pool.allocate(1000, "first");
        long address = first.address();
        first.release();
        assertThrows(ReleasedMemoryException.class, first::address);
        try (Scope scope = Scope.open()) {
            assertTrue(scope.holds(pool.allocate(1000, "second")));
        }
        assertEquals(address, pool.allocate(1000, "third").address());
    }

    @Test
    void comesBackByTheCollector() {
        for (int i = 0; i < 16; i++) {
            assertTrue(pool.allocate(MEBIBYTE, "dropped").address() != 0);
        }
    }

    @Test
    void saysWhoHoldsWhatWhenTheDeviceIsFull() {
        Storage held = pool.allocate(3 * MEBIBYTE, "held");
        MemoryExhaustedException e =
                assertThrows(MemoryExhaustedException.class, () -> pool.allocate(2 * MEBIBYTE, "more"));
        assertTrue(e.getMessage().contains("held (1 x"), e.getMessage());
        assertTrue(e.getMessage().endsWith("raise -D" + PROPERTY), e.getMessage());
        assertTrue(held.address() != 0);
    }

    @Test
    void returnsIdleMemoryToTheDevice() {
        pool.allocate(MEBIBYTE, "idle").release();
        assertEquals(MEBIBYTE, pool.trim());
        assertEquals(0, memory.out());
    }
}
