package org.lehr.kernels.loss;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.lanes.Species;

/// `exp` by `2^k·exp(r)` with `|r| ≤ ½·log 2` and a polynomial for `exp(r)` (Cephes `expf`).
final class Exponential {

    private static final float ROUNDING = 0x1.8p23f;

    private Exponential() {}

    private static FloatVector constant(float value) {
        return FloatVector.broadcast(Species.F32, value);
    }

    /// Within 2 ulp; 0 below −104, +∞ above 89, NaN for NaN.
    static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.max(-104f).min(89f);
        FloatVector shifted = bounded.fma(constant(1.44269504f), constant(ROUNDING));
        FloatVector k = shifted.sub(ROUNDING);
        FloatVector r = k.fma(constant(2.12194440e-4f), k.fma(constant(-0.693359375f), bounded));
        FloatVector p = constant(1.9875691500e-4f)
                .fma(r, constant(1.3981999507e-3f))
                .fma(r, constant(8.3334519073e-3f))
                .fma(r, constant(4.1665795894e-2f))
                .fma(r, constant(1.6666665459e-1f))
                .fma(r, constant(5.0000001201e-1f))
                .fma(r.mul(r), r.add(1f));
        // 2^k in two factors, so that neither leaves the exponent's range
        IntVector power = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUNDING));
        IntVector half = power.lanewise(VectorOperators.ASHR, 1);
        return p.mul(powerOfTwo(half)).mul(powerOfTwo(power.sub(half)));
    }

    private static FloatVector powerOfTwo(IntVector k) {
        return k.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }
}
