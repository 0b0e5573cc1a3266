package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.lanes.VectorMath;

/// s(1 + x(1 − s))·dy with s = σ(x): the gradient of [Silu]. `x [...], dy [...] → [...]`
public final class SiluGrad implements BinaryOp {

    public static final SiluGrad OP = new SiluGrad();

    private SiluGrad() {}

    @Override
    public String name() {
        return "silu_grad";
    }

    @Override
    public double apply(double x, double dy) {
        double s = 1 / (1 + Math.exp(-x));
        return s * (1 + x * (1 - s)) * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector x, FloatVector dy) {
            FloatVector s = VectorMath.sigmoid(x);
            return x.fma(s.neg().add(1), FloatVector.broadcast(Species.F32, 1))
                    .mul(s)
                    .mul(dy);
        }
    }
}
