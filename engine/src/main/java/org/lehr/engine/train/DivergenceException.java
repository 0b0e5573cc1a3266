package org.lehr.engine.train;

/// Training left the finite numbers; the message names the step and the first operation that did.
public final class DivergenceException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    public DivergenceException(String message) {
        super(message);
    }
}
