package org.lehr.engine.data;

import java.io.Serial;

/// Data that is missing, unreadable, empty or too small, in one line that says what to do about it.
public final class DataException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    public DataException(String message) {
        super(message);
    }

    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
