package org.lehr.engine.tensor;

/// A mistake in how tensors were used: each kind is a subclass, the message names the operation and the values.
public abstract sealed class TensorException extends IllegalArgumentException
        permits ShapeMismatchException,
                DTypeMismatchException,
                DeviceMismatchException,
                StaleTensorException,
                NotFiniteException,
                NotDifferentiableException {

    private static final long serialVersionUID = 1L;

    TensorException(String message) {
        super(message);
    }
}
