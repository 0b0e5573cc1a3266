package org.lehr.kernels.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("widths")
class Bfloat16KernelTest {

    private static final int ALL = 1 << 16;

    @Test
    void everyBfloat16SurvivesWideningAndNarrowing() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bits = arena.allocate(2 * ALL);
            MemorySegment wide = arena.allocate(4 * ALL);
            MemorySegment back = arena.allocate(2 * ALL);
            for (int i = 0; i < ALL; i++) {
                bits.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) i);
            }
            Bfloat16Kernel.widen(bits, 0, wide, 0, ALL);
            Bfloat16Kernel.narrow(wide, 0, back, 0, ALL);
            for (int i = 0; i < ALL; i++) {
                float expected = Float.intBitsToFloat(i << 16);
                float value = wide.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                assertEquals(Float.floatToIntBits(expected), Float.floatToIntBits(value));
                int again = back.getAtIndex(ValueLayout.JAVA_SHORT, i) & 0xffff;
                assertEquals(Float.isNaN(expected) ? i & 0x8000 | 0x7fc0 : i, again);
            }
        }
    }

    @Test
    void narrowingTakesTheNearestAndTheEvenOneOfTwo() {
        int n = 1 << 16;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(4L * n);
            MemorySegment fast = arena.allocate(2L * n);
            MemorySegment slow = arena.allocate(2L * n);
            for (int i = 0; i < n; i++) {
                // every upper half, with lower halves around the tie
                values.setAtIndex(ValueLayout.JAVA_INT, i, i << 16 | new int[] {0x7fff, 0x8000, 0x8001, 1}[i * 31 % 4]);
            }
            Bfloat16Kernel.narrow(values, 0, fast, 0, n);
            Bfloat16Kernel.narrowReference(values, 0, slow, 0, n);
            assertEquals(-1, fast.mismatch(slow));
            for (int i = 0; i < n; i++) {
                float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                float got = Bfloat16Kernel.toFloat(fast.getAtIndex(ValueLayout.JAVA_SHORT, i));
                if (Float.isNaN(value)) {
                    assertTrue(Float.isNaN(got));
                    continue;
                }
                float below = Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
                float above = Float.intBitsToFloat((Float.floatToRawIntBits(value) & 0xffff0000) + 0x10000);
                if (Float.isInfinite(above) || Float.isNaN(above)) {
                    continue;
                }
                double toBelow = Math.abs((double) value - below);
                double toAbove = Math.abs((double) above - value);
                boolean up = toAbove < toBelow || toAbove == toBelow && (i & 1) == 1;
                assertEquals(up ? above : below, got, "of " + value);
            }
        }
    }

    @Test
    void overflowIsInfinite() {
        assertEquals(Float.POSITIVE_INFINITY, Bfloat16Kernel.toFloat(Bfloat16Kernel.fromFloat(Float.MAX_VALUE)));
        assertEquals(Float.NEGATIVE_INFINITY, Bfloat16Kernel.toFloat(Bfloat16Kernel.fromFloat(-Float.MAX_VALUE)));
    }
}
