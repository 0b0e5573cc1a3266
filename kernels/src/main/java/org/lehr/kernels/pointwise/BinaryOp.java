package org.lehr.kernels.pointwise;

import org.lehr.kernels.DType;

/// A function of two values. To add one, implement [#name] and [#apply] in one class; the rest makes it faster or
/// wider.
public interface BinaryOp extends PointwiseOp {

    /// The meaning in float64: the reference, and what runs for float64 and where there are no [#lanes].
    double apply(double a, double b);

    /// The meaning for int64, int32 (low bits kept) and uint8, when the [#domain] has them.
    default long applyLong(long a, long b) {
        throw new IllegalArgumentException(name() + ": has no meaning for integers");
    }

    /// The meaning for float32 in vectors, asked for only where [org.lehr.kernels.lanes.Lanes#available];
    /// null when there is none: float32 is then computed in float64 and rounded.
    default BinaryLanes lanes() {
        return null;
    }

    /// The dtypes it takes; floating ones unless said otherwise.
    default Domain domain() {
        return Domain.FLOATING;
    }

    @Override
    default int arity() {
        return 2;
    }

    @Override
    default DType resultType(DType... inputs) {
        return domain().common(this, inputs);
    }
}
