package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// sign(x)·dy: the gradient of [Abs]; 0 at 0. `x [...], dy [...] → [...]`
public final class AbsGrad implements BinaryOp {

    public static final AbsGrad OP = new AbsGrad();

    private AbsGrad() {}

    @Override
    public String name() {
        return "abs_grad";
    }

    @Override
    public double apply(double x, double dy) {
        return Math.signum(x) * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector x, FloatVector dy) {
            FloatVector signed = dy.blend(dy.neg(), x.compare(VectorOperators.LT, 0));
            return signed.blend(
                    x.mul(dy), x.abs().compare(VectorOperators.GT, 0).not());
        }
    }
}
