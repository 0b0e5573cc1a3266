package org.lehr.engine.tensor;

/// A tensor that the backward pass needs was overwritten in place after it was saved, or its graph was released.
public final class StaleTensorException extends TensorException {

    private static final long serialVersionUID = 1L;

    public StaleTensorException(String message) {
        super(message);
    }
}
