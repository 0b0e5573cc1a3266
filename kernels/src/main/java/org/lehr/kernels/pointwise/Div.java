package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// a / b, for floating dtypes; see [FloorDivide] for integers. `a [...], b [...] → [...]`
public final class Div implements BinaryOp {

    public static final Div OP = new Div();

    private Div() {}

    @Override
    public String name() {
        return "div";
    }

    @Override
    public double apply(double a, double b) {
        return a / b;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector a, FloatVector b) {
            return a.div(b);
        }
    }
}
