package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.ErrorFunction;
import org.lehr.kernels.lanes.Species;

/// (Φ(x) + x·φ(x))·dy with φ(x) = e^(−x²/2)/√(2π): the gradient of [Gelu]. `x [...], dy [...] → [...]`
///
/// Vectors use `Φ(t) + t·φ(t) = (1 − |t|·h)·Φ(t)` for `t < 0`, and 1 less that of `−t` for others: the tail as in
/// [Gelu], by a
/// polynomial of degree 8 because it is multiplied by up to 15, and the hazard `h = φ/Φ` at `t`, which is nearly a
/// line.
public final class GeluGrad implements BinaryOp {

    public static final GeluGrad OP = new GeluGrad();

    private static final double FACTOR = 1 / Math.sqrt(2 * Math.PI);
    private static final float ROUNDER = Gelu.ROUNDER;

    /// Where the fits end: the tail is 1e-19 there.
    private static final float FAR = 9;

    private GeluGrad() {}

    @Override
    public String name() {
        return "gelu_grad";
    }

    @Override
    public double apply(double x, double dy) {
        double density = FACTOR * Math.exp(-0.5 * x * x);
        return (0.5 * ErrorFunction.erfc(-x / Math.sqrt(2)) + x * density) * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        private static final VectorSpecies<Float> F = Species.F32;

        @Override
        public FloatVector apply(FloatVector x, FloatVector dy) {
            FloatVector t = x.abs();
            t = t.blend(FAR, t.compare(VectorOperators.GT, FAR));
            FloatVector tail = tail(t);
            FloatVector hazard = FloatVector.broadcast(F, 0x1.7ac66cp-17f);
            hazard = hazard.fma(t, FloatVector.broadcast(F, -0x1.2e658cp-13f));
            hazard = hazard.fma(t, FloatVector.broadcast(F, 0x1.306a5ap-11f));
            hazard = hazard.fma(t, FloatVector.broadcast(F, 0x1.ca1ca6p-11f));
            hazard = hazard.fma(t, FloatVector.broadcast(F, -0x1.47f958p-6f));
            hazard = hazard.fma(t, FloatVector.broadcast(F, 0x1.c01e9p-4f));
            hazard = hazard.fma(t, FloatVector.broadcast(F, 0x1.45e82ep-1f));
            hazard = hazard.fma(t, FloatVector.broadcast(F, 0x1.988512p-1f));
            FloatVector falling = FloatVector.broadcast(F, 1).sub(t.mul(hazard)).mul(tail);
            return FloatVector.broadcast(F, 1)
                    .sub(falling)
                    .blend(falling, x.compare(VectorOperators.LT, 0))
                    .mul(dy);
        }

        /// `Φ(−t)`. A method of its own, as those that are longer than 325 bytes are not inlined.
        private static FloatVector tail(FloatVector t) {
            FloatVector bits = FloatVector.broadcast(F, 0x1.7c7ec2p-19f);
            bits = bits.fma(t, FloatVector.broadcast(F, -0x1.4a52ep-15f));
            bits = bits.fma(t, FloatVector.broadcast(F, 0x1.8672acp-13f));
            bits = bits.fma(t, FloatVector.broadcast(F, 0x1.1f2d58p-13f));
            bits = bits.fma(t, FloatVector.broadcast(F, -0x1.cee888p-8f));
            bits = bits.fma(t, FloatVector.broadcast(F, 0x1.ae0c78p-5f));
            bits = bits.fma(t, FloatVector.broadcast(F, 0x1.d63aacp-2f));
            bits = bits.fma(t, FloatVector.broadcast(F, 0x1.26aed4p0f));
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
            return p.reinterpretAsInts().add(power).reinterpretAsFloats();
        }
    }
}
