package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// dy where x > 0, else 0: the gradient of [Relu]. `x [...], dy [...] → [...]`
public final class ReluGrad implements BinaryOp {

    public static final ReluGrad OP = new ReluGrad();

    private ReluGrad() {}

    @Override
    public String name() {
        return "relu_grad";
    }

    @Override
    public double apply(double x, double dy) {
        return x <= 0 ? 0 : dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector x, FloatVector dy) {
            return dy.blend(0, x.compare(VectorOperators.LE, 0));
        }
    }
}
