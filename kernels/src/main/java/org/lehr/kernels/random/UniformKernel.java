package org.lehr.kernels.random;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.Species;

/// Random words into uniform numbers in `[0, 1)`: `⌊w / 2⁸⌋·2⁻²⁴`, every value of which float32 holds exactly.
public final class UniformKernel {

    private static final float STEP = 0x1p-24f;

    private UniformKernel() {}

    /// The number that a word stands for.
    public static float reference(int word) {
        return (word >>> 8) * STEP;
    }

    /// The float64 number that two words stand for: 53 bits, those of `high` first.
    public static double reference(int high, int low) {
        return (((long) high << 32 | low & 0xFFFFFFFFL) >>> 11) * 0x1p-53;
    }

    /// The bfloat16 number that a word stands for, as its bits: eight bits of the word, so that nothing rounds up
    /// to 1.
    public static short bfloat16(int word) {
        return (short) (Float.floatToRawIntBits((word >>> 24) * 0x1p-8f) >>> 16);
    }

    /// `words [n] → out [n]` float32, from byte `offset` of `out` on.
    public static void forward(MemorySegment out, long offset, int[] words, int n) {
        int i = Lanes.available() ? Simd.forward(out, offset, words, n) : 0;
        for (; i < n; i++) {
            out.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + 4L * i, reference(words[i]));
        }
    }

    private static final class Simd {

        private static final VectorSpecies<Integer> S = Species.I32;

        private static int forward(MemorySegment out, long offset, int[] words, int n) {
            int i = 0;
            for (; i <= n - S.length(); i += S.length()) {
                FloatVector numerators = (FloatVector) IntVector.fromArray(S, words, i)
                        .lanewise(VectorOperators.LSHR, 8)
                        .convertShape(VectorOperators.I2F, Species.F32, 0);
                numerators.mul(STEP).intoMemorySegment(out, offset + 4L * i, ByteOrder.nativeOrder());
            }
            return i;
        }
    }
}
