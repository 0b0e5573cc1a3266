package org.lehr.engine.tensor;

/// Element types that do not fit an operation or each other.
public final class DTypeMismatchException extends TensorException {

    private static final long serialVersionUID = 1L;

    public DTypeMismatchException(String message) {
        super(message);
    }
}
