package org.lehr.engine.train;

import java.io.IOException;

/// A checkpoint that cannot be used: truncated, of another model, or of another format.
public final class CheckpointException extends IOException {

    private static final long serialVersionUID = 1L;

    public CheckpointException(String message) {
        super(message);
    }

    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
