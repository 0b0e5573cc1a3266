package org.lehr.kernels.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("widths")
class PhiloxKernelTest {

    /// The vectors published with the Random123 library (`kat_vectors`, `philox4x32 10`).
    @Test
    void knownAnswers() {
        assertArrayEquals(new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}, block(0, 0, 0, 0, 0, 0));
        assertArrayEquals(new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}, block(-1, -1, -1, -1, -1, -1));
        assertArrayEquals(
                new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
                block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0));
    }

    @Test
    void keyAndCounterStandLowWordFirst() {
        int[] words = new int[4];
        PhiloxKernel.reference(words, 1, 0x299f31d0_a4093822L, 0x85a308d3_243f6a88L);
        assertArrayEquals(block(0x243f6a88, 0x85a308d3, 0, 0, 0xa4093822, 0x299f31d0), words);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 0xFFFFFFFDL, 0x7FFFFFFF_FFFFFFFEL, -3})
    void forwardEqualsReference(long counter) {
        for (int blocks : new int[] {0, 1, 2, 3, 7, 8, 9, 31, 257}) {
            for (long key : new long[] {0, -1, 0x0123456789ABCDEFL}) {
                int[] expected = new int[4 * blocks];
                PhiloxKernel.reference(expected, blocks, key, counter);
                int[] words = new int[4 * PhiloxKernel.roundUp(blocks)];
                PhiloxKernel.forward(words, blocks, key, counter);
                assertArrayEquals(expected, Arrays.copyOf(words, 4 * blocks));
            }
        }
    }

    private static int[] block(int c0, int c1, int c2, int c3, int k0, int k1) {
        int[] words = new int[4];
        PhiloxKernel.block(words, 0, c0, c1, c2, c3, k0, k1);
        return words;
    }
}
