package org.lehr.kernels.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class SizeClassesTest {

    @Property
    void blocksAreTheSmallestThatFitAndAtMostAnEighthTooLarge(@ForAll @LongRange(max = 1L << 46) long bytes) {
        int index = SizeClasses.index(bytes);
        long block = SizeClasses.blockBytes(index);
        long rounded = Math.max(64, (bytes + 63) / 64 * 64);
        assertTrue(block >= rounded, () -> bytes + " in " + block);
        assertTrue(block - rounded <= rounded / 8, () -> bytes + " in " + block);
        assertTrue(index == 0 || SizeClasses.blockBytes(index - 1) < bytes, () -> bytes + " in " + block);
    }

    @Test
    void classesAscendWithoutGaps() {
        for (int i = 0; i < SizeClasses.COUNT; i++) {
            long block = SizeClasses.blockBytes(i);
            assertEquals(0, block % Pool.ALIGNMENT);
            assertEquals(i, SizeClasses.index(block));
            if (i + 1 < SizeClasses.COUNT) {
                assertEquals(i + 1, SizeClasses.index(block + 1));
            }
        }
        assertEquals(0, SizeClasses.index(0));
        assertEquals(SizeClasses.LARGEST, SizeClasses.blockBytes(SizeClasses.COUNT - 1));
    }
}
