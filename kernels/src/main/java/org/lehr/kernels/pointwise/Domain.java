package org.lehr.kernels.pointwise;

import org.lehr.kernels.DType;

/// The dtypes that an operation has a meaning for.
public enum Domain {
    /// float32, float64, bfloat16
    FLOATING("floating dtypes"),
    /// floating, int64, int32, uint8
    NUMERIC("numeric dtypes"),
    /// all
    ANY("any dtype"),
    /// bool only
    LOGICAL("bool");

    private final String words;

    Domain(String words) {
        this.words = words;
    }

    /// Whether `dtype` belongs to it.
    public boolean contains(DType dtype) {
        return switch (this) {
            case FLOATING -> dtype.isFloating();
            case NUMERIC -> dtype != DType.BOOL;
            case ANY -> true;
            case LOGICAL -> dtype == DType.BOOL;
        };
    }

    /// The one dtype that all of `inputs` have.
    ///
    /// @throws IllegalArgumentException naming `op` when they differ or do not belong to this domain
    public DType common(PointwiseOp op, DType... inputs) {
        if (inputs.length == 0) {
            throw new IllegalArgumentException(op.name() + ": no inputs");
        }
        for (DType input : inputs) {
            if (input != inputs[0]) {
                throw new IllegalArgumentException(op.name() + ": dtypes differ: " + inputs[0] + " and " + input);
            }
        }
        if (!contains(inputs[0])) {
            throw new IllegalArgumentException(op.name() + ": takes " + words + ", got " + inputs[0]);
        }
        return inputs[0];
    }
}
