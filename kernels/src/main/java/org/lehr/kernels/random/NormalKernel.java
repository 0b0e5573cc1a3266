package org.lehr.kernels.random;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.Species;

/// Random words into standard normal numbers: `z₀ = √(−2 ln u)·cos φ`, `z₁ = √(−2 ln u)·sin φ` for a pair of words `a,
/// b`
/// with `u = (2⌊a/4⌋ + 1)/2³¹` and `φ = 2πb/2³²` (Box, Muller 1958). The largest magnitude is 6.6.
///
/// Logarithm, sine and cosine are the single-precision polynomials of the Cephes library, written with fused
/// multiply-add: every step is one correctly rounded operation, so that scalar code, vectors of any width and other
/// devices get the same bits.
public final class NormalKernel {

    private static final float SMALLEST = 0x1p-31f;
    private static final int SQRT_HALF_BITS = 0x3F3504F3;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    private static final float[] LOG = {
        7.0376836292e-2f,
        -1.1514610310e-1f,
        1.1676998740e-1f,
        -1.2420140846e-1f,
        1.4249322787e-1f,
        -1.6668057665e-1f,
        2.0000714765e-1f,
        -2.4999993993e-1f,
        3.3333331174e-1f
    };
    private static final int QUARTER = 30;
    private static final int EIGHTH = 1 << 29;
    private static final float RADIANS = (float) (2 * Math.PI / 0x1p32);
    private static final float S3 = -1.6666654611e-1f;
    private static final float S5 = 8.3321608736e-3f;
    private static final float S7 = -1.9515295891e-4f;
    private static final float C4 = 4.166664568298827e-2f;
    private static final float C6 = -1.388731625493765e-3f;
    private static final float C8 = 2.443315711809948e-5f;

    private NormalKernel() {}

    /// `words [2·pairs] → out [2·pairs]`, the two numbers of a pair where its words stood.
    public static void reference(float[] out, int[] words, int pairs) {
        for (int i = 0; i < 2 * pairs; i += 2) {
            float radius = radius(words[i]);
            int angle = words[i + 1];
            out[i] = radius * cosine(angle);
            out[i + 1] = radius * cosine(angle - (1 << QUARTER));
        }
    }

    /// The float64 pair for four words: `out[at] = r·cos φ`, `out[at + 1] = r·sin φ`, with 53 bits each for `u` and
    /// `φ`.
    public static void reference(double[] out, int at, int[] words, int from) {
        double u = 1 - UniformKernel.reference(words[from], words[from + 1]);
        double angle = 2 * Math.PI * UniformKernel.reference(words[from + 2], words[from + 3]);
        double radius = Math.sqrt(-2 * StrictMath.log(u));
        out[at] = radius * StrictMath.cos(angle);
        out[at + 1] = radius * StrictMath.sin(angle);
    }

    /// As [#reference], into float32 memory from byte `offset` on.
    public static void forward(MemorySegment out, long offset, int[] words, int pairs) {
        int done = Lanes.available() ? Simd.forward(out, offset, words, pairs) : 0;
        for (int i = 2 * done; i < 2 * pairs; i += 2) {
            float radius = radius(words[i]);
            int angle = words[i + 1];
            out.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + 4L * i, radius * cosine(angle));
            out.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + 4L * i + 4, radius * cosine(angle - (1 << QUARTER)));
        }
    }

    /// `√(−2 ln u)`: the exponent is taken off so that the rest lies in `[√½, √2)`.
    private static float radius(int word) {
        int bits = Float.floatToRawIntBits((word >>> 1 | 1) * SMALLEST);
        int exponent = bits - SQRT_HALF_BITS >> 23;
        float f = Float.intBitsToFloat(bits - (exponent << 23)) - 1;
        float square = f * f;
        float polynomial = LOG[0];
        for (int i = 1; i < LOG.length; i++) {
            polynomial = Math.fma(polynomial, f, LOG[i]);
        }
        float tail = Math.fma((float) exponent, LN2_LOW, f * square * polynomial);
        float log = Math.fma((float) exponent, LN2_HIGH, f + Math.fma(square, -0.5f, tail));
        return (float) Math.sqrt(-2 * log);
    }

    /// `cos(2π·angle/2³²)`. The nearest quarter turn is taken off exactly, in integers; of sine and cosine of the
    /// rest, odd quarters take the sine, and the middle two change the sign.
    private static float cosine(int angle) {
        int quarter = angle + EIGHTH >>> QUARTER;
        float t = (angle - (quarter << QUARTER)) * RADIANS;
        float square = t * t;
        float sine = Math.fma(Math.fma(Math.fma(S7, square, S5), square, S3), square * t, t);
        float cosine =
                Math.fma(Math.fma(Math.fma(C8, square, C6), square, C4), square * square, Math.fma(square, -0.5f, 1));
        float value = (quarter & 1) == 0 ? cosine : sine;
        return (quarter + 1 & 2) == 0 ? value : -value;
    }

    private static final class Simd {

        private static final VectorSpecies<Integer> I = Species.I32;
        private static final VectorSpecies<Float> F = Species.F32;
        private static final VectorShuffle<Integer> FIRSTS = VectorShuffle.makeUnzip(I, 0);
        private static final VectorShuffle<Integer> SECONDS = VectorShuffle.makeUnzip(I, 1);
        private static final VectorShuffle<Float> ZIP_LOW = VectorShuffle.makeZip(F, 0);
        private static final VectorShuffle<Float> ZIP_HIGH = VectorShuffle.makeZip(F, 1);

        /// As many whole vectors of pairs as there are; their number.
        private static int forward(MemorySegment out, long offset, int[] words, int pairs) {
            int pair = 0;
            for (; pair <= pairs - I.length(); pair += I.length()) {
                IntVector low = IntVector.fromArray(I, words, 2 * pair);
                IntVector high = IntVector.fromArray(I, words, 2 * pair + I.length());
                FloatVector radius = radius(low.rearrange(FIRSTS, high));
                IntVector angle = low.rearrange(SECONDS, high);
                FloatVector z0 = radius.mul(cosine(angle));
                FloatVector z1 = radius.mul(cosine(angle.sub(1 << QUARTER)));
                long at = offset + 8L * pair;
                z0.rearrange(ZIP_LOW, z1).intoMemorySegment(out, at, ByteOrder.nativeOrder());
                z0.rearrange(ZIP_HIGH, z1).intoMemorySegment(out, at + 4L * F.length(), ByteOrder.nativeOrder());
            }
            return pair;
        }

        private static FloatVector radius(IntVector word) {
            IntVector odd = word.lanewise(VectorOperators.LSHR, 1).or(1);
            IntVector bits = toFloat(odd).mul(SMALLEST).reinterpretAsInts();
            IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
            FloatVector f = bits.sub(exponent.lanewise(VectorOperators.LSHL, 23))
                    .reinterpretAsFloats()
                    .sub(1f);
            FloatVector square = f.mul(f);
            FloatVector polynomial = FloatVector.broadcast(F, LOG[0]);
            for (int i = 1; i < LOG.length; i++) {
                polynomial = polynomial.fma(f, FloatVector.broadcast(F, LOG[i]));
            }
            FloatVector scale = toFloat(exponent);
            FloatVector tail =
                    scale.fma(FloatVector.broadcast(F, LN2_LOW), f.mul(square).mul(polynomial));
            FloatVector rest = f.add(square.fma(FloatVector.broadcast(F, -0.5f), tail));
            FloatVector log = scale.fma(FloatVector.broadcast(F, LN2_HIGH), rest);
            return log.mul(-2f).lanewise(VectorOperators.SQRT);
        }

        private static FloatVector cosine(IntVector angle) {
            IntVector quarter = angle.add(EIGHTH).lanewise(VectorOperators.LSHR, QUARTER);
            FloatVector t = toFloat(angle.sub(quarter.lanewise(VectorOperators.LSHL, QUARTER)))
                    .mul(RADIANS);
            FloatVector square = t.mul(t);
            FloatVector sine = FloatVector.broadcast(F, S7)
                    .fma(square, FloatVector.broadcast(F, S5))
                    .fma(square, FloatVector.broadcast(F, S3))
                    .fma(square.mul(t), t);
            FloatVector cosine = FloatVector.broadcast(F, C8)
                    .fma(square, FloatVector.broadcast(F, C6))
                    .fma(square, FloatVector.broadcast(F, C4))
                    .fma(square.mul(square), square.fma(FloatVector.broadcast(F, -0.5f), FloatVector.broadcast(F, 1f)));
            VectorMask<Float> odd =
                    quarter.and(1).compare(VectorOperators.NE, 0).cast(F);
            IntVector sign = quarter.add(1).and(2).lanewise(VectorOperators.LSHL, 30);
            return cosine.blend(sine, odd)
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.XOR, sign)
                    .reinterpretAsFloats();
        }

        private static FloatVector toFloat(IntVector v) {
            return (FloatVector) v.convertShape(VectorOperators.I2F, F, 0);
        }
    }
}
