package org.lehr.engine.tensor;

/// NaN tracing found the first operation that produced a number that is not finite.
public final class NotFiniteException extends TensorException {

    private static final long serialVersionUID = 1L;

    public NotFiniteException(String message) {
        super(message);
    }
}
