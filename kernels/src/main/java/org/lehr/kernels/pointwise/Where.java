package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.DType;

/// `b` where `a` is true, else `c`; `a` is bool. `a [...], b [...], c [...] → [...]`
public final class Where implements TernaryOp {

    public static final Where OP = new Where();

    private Where() {}

    @Override
    public String name() {
        return "where";
    }

    @Override
    public double apply(double a, double b, double c) {
        return a != 0 ? b : c;
    }

    @Override
    public long applyLong(long a, long b, long c) {
        return a != 0 ? b : c;
    }

    @Override
    public TernaryLanes lanes() {
        return new Simd();
    }

    @Override
    public Domain domain() {
        return Domain.ANY;
    }

    /// bool and two equal dtypes give the latter.
    @Override
    public DType resultType(DType... inputs) {
        if (inputs.length != 3) {
            throw new IllegalArgumentException("where: takes 3 inputs, got " + inputs.length);
        }
        if (inputs[0] != DType.BOOL) {
            throw new IllegalArgumentException("where: the condition must be bool, is " + inputs[0]);
        }
        return domain().common(this, inputs[1], inputs[2]);
    }

    private static final class Simd implements TernaryLanes {

        @Override
        public FloatVector apply(FloatVector a, FloatVector b, FloatVector c) {
            return c.blend(b, a.compare(VectorOperators.NE, 0));
        }
    }
}
