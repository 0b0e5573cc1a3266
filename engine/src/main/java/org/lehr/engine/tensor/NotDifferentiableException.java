package org.lehr.engine.tensor;

/// A gradient was asked for where none is defined.
public final class NotDifferentiableException extends TensorException {

    private static final long serialVersionUID = 1L;

    public NotDifferentiableException(String message) {
        super(message);
    }
}
