package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.lanes.Species;

/// dy where low ≤ x ≤ high, else 0: the gradient of [Clamp]. `x [...], dy [...] → [...]`
///
/// @param low the least result
/// @param high the greatest result
public record ClampGrad(double low, double high) implements BinaryOp {

    @Override
    public String name() {
        return "clamp_grad";
    }

    @Override
    public double apply(double x, double dy) {
        return x >= low && x <= high ? dy : 0;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd((float) low, (float) high);
    }

    private record Simd(float low, float high) implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector x, FloatVector dy) {
            VectorMask<Float> inside = x.compare(VectorOperators.GE, low).and(x.compare(VectorOperators.LE, high));
            return FloatVector.zero(Species.F32).blend(dy, inside);
        }
    }
}
