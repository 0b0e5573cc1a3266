package org.lehr.engine.tensor;

/// Tensors of one operation on different devices, or a device that cannot be used.
public final class DeviceMismatchException extends TensorException {

    private static final long serialVersionUID = 1L;

    public DeviceMismatchException(String message) {
        super(message);
    }
}
