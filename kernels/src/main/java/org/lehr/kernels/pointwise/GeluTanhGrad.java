package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.lanes.VectorMath;

/// (s + x·s(1 − s)·2u′)·dy with s = σ(2u), u as in [GeluTanh]: its gradient. `x [...], dy [...] → [...]`
public final class GeluTanhGrad implements BinaryOp {

    public static final GeluTanhGrad OP = new GeluTanhGrad();

    /// Beyond this `s(1 − s)` is 0 in float32, and the product must not become 0·∞.
    private static final float FAR = 20;

    private GeluTanhGrad() {}

    @Override
    public String name() {
        return "gelu_tanh_grad";
    }

    @Override
    public double apply(double x, double dy) {
        double s = 1 / (1 + Math.exp(-2 * GeluTanh.u(x)));
        double slope = 2 * (GeluTanh.ROOT + 3 * GeluTanh.CUBIC * x * x);
        double change = Math.abs(x) > FAR ? 0 : x * s * (1 - s) * slope;
        return (s + change) * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector x, FloatVector dy) {
            FloatVector square = x.mul(x);
            FloatVector u = square.fma((float) (2 * GeluTanh.CUBIC), (float) (2 * GeluTanh.ROOT))
                    .mul(x);
            FloatVector slope = square.fma((float) (6 * GeluTanh.CUBIC), (float) (2 * GeluTanh.ROOT));
            FloatVector s = VectorMath.sigmoid(u);
            FloatVector change = s.mul(s.neg().add(1)).mul(slope).mul(x);
            return change.blend(0, x.abs().compare(VectorOperators.GT, FAR))
                    .add(s)
                    .mul(dy);
        }
    }
}
