package org.lehr.kernels.random;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.Species;

/// `out = keep ? x·scale : 0`, where a word keeps its element when its uniform number is at least `p`: in
/// integers, when `⌊w / 2⁸⌋ ≥ ⌈p·2²⁴⌉`. Dropped elements are 0 even where `x` is NaN or infinite.
///
/// N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, *Dropout: a simple way to prevent neural
/// networks from overfitting*, JMLR 15, 2014.
public final class DropoutKernel {

    private DropoutKernel() {}

    /// The least `⌊w / 2⁸⌋` that keeps an element, `p` in `[0, 1]`.
    public static int threshold(double p) {
        return (int) Math.ceil(p * 0x1p24);
    }

    /// Whether a word keeps its element.
    public static boolean keeps(int word, int threshold) {
        return word >>> 8 >= threshold;
    }

    /// One element: what a word makes of `x`.
    public static float reference(float x, int word, int threshold, float scale) {
        return keeps(word, threshold) ? x * scale : 0;
    }

    /// `x [n], words [n] → out [n]`, float32, from the given bytes on; `out` may be `x` itself.
    public static void forward(
            MemorySegment out,
            long outOffset,
            MemorySegment x,
            long xOffset,
            int[] words,
            int n,
            int threshold,
            float scale) {
        int i = Lanes.available() ? Simd.forward(out, outOffset, x, xOffset, words, n, threshold, scale) : 0;
        for (; i < n; i++) {
            float value = x.get(ValueLayout.JAVA_FLOAT_UNALIGNED, xOffset + 4L * i);
            out.set(ValueLayout.JAVA_FLOAT_UNALIGNED, outOffset + 4L * i, reference(value, words[i], threshold, scale));
        }
    }

    private static final class Simd {

        private static final VectorSpecies<Float> F = Species.F32;

        private static int forward(
                MemorySegment out,
                long outOffset,
                MemorySegment x,
                long xOffset,
                int[] words,
                int n,
                int threshold,
                float scale) {
            FloatVector zero = FloatVector.zero(F);
            int i = 0;
            for (; i <= n - F.length(); i += F.length()) {
                VectorMask<Float> kept = IntVector.fromArray(Species.I32, words, i)
                        .lanewise(VectorOperators.LSHR, 8)
                        .compare(VectorOperators.GE, threshold)
                        .cast(F);
                FloatVector scaled = FloatVector.fromMemorySegment(F, x, xOffset + 4L * i, ByteOrder.nativeOrder())
                        .mul(scale);
                zero.blend(scaled, kept).intoMemorySegment(out, outOffset + 4L * i, ByteOrder.nativeOrder());
            }
            return i;
        }
    }
}
