package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.ErrorFunction;
import org.lehr.kernels.lanes.Species;

/// x·Φ(x) = ½x(1 + erf(x/√2)) (Hendrycks, Gimpel 2016). `x [...] → [...]`
///
/// Vectors form the tail `Φ(−|x|)` as `2^(−R(|x|))`. `R` is smooth and nearly a square, so that a polynomial of degree
/// 6
/// gives `Φ` within 1.2e-7, and a power of two needs no product with `ln 2` to be split: 14 products in all and no
/// division, where the error function by its usual formulas takes twice as many. Beyond where it was fitted (0 to 9)
/// `R` grows up to 16, where the tail has long been 0. All is spelled out, because behind methods of our own the
/// vectors of so long a loop become objects.
public final class Gelu implements UnaryOp {

    public static final Gelu OP = new Gelu();

    /// `1.5·2²³`: adding it leaves the nearest integer in the low bits.
    static final float ROUNDER = 12582912f;

    /// Of more bits than this the tail is no normal number; it becomes 0.
    static final float MOST_BITS = 125;

    /// The tail is taken at most so far out.
    static final float FAR = 16;

    private Gelu() {}

    @Override
    public String name() {
        return "gelu";
    }

    @Override
    public double apply(double x) {
        return 0.5 * x * ErrorFunction.erfc(-x / Math.sqrt(2));
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        private static final VectorSpecies<Float> F = Species.F32;

        @Override
        public FloatVector apply(FloatVector x) {
            FloatVector t = x.abs();
            t = t.blend(FAR, t.compare(VectorOperators.GT, FAR));
            FloatVector bits = FloatVector.broadcast(F, -0x1.29e1ccp-16f);
            bits = bits.fma(t, FloatVector.broadcast(F, 0x1.539c8cp-11f));
            bits = bits.fma(t, FloatVector.broadcast(F, -0x1.fa33eep-8f));
            bits = bits.fma(t, FloatVector.broadcast(F, 0x1.b1936ap-5f));
            bits = bits.fma(t, FloatVector.broadcast(F, 0x1.d619c8p-2f));
            bits = bits.fma(t, FloatVector.broadcast(F, 0x1.26af98p0f));
            bits = bits.fma(t, FloatVector.broadcast(F, 0x1.0p0f));
            FloatVector shifted = FloatVector.broadcast(F, ROUNDER).sub(bits);
            FloatVector f = FloatVector.broadcast(F, ROUNDER).sub(shifted).sub(bits);
            FloatVector p = FloatVector.broadcast(F, 0x1.5bba24p-10f);
            p = p.fma(f, FloatVector.broadcast(F, 0x1.3cea9p-7f));
            p = p.fma(f, FloatVector.broadcast(F, 0x1.c6b752p-5f));
            p = p.fma(f, FloatVector.broadcast(F, 0x1.ebf9bcp-3f));
            p = p.fma(f, FloatVector.broadcast(F, 0x1.62e42ap-1f));
            p = p.fma(f, FloatVector.broadcast(F, 0x1.0p0f));
            IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            FloatVector tail = p.reinterpretAsInts()
                    .add(power)
                    .reinterpretAsFloats()
                    .blend(0, bits.compare(VectorOperators.GT, MOST_BITS));
            return FloatVector.broadcast(F, 1)
                    .sub(tail)
                    .blend(tail, x.compare(VectorOperators.LT, 0))
                    .mul(x);
        }
    }
}
