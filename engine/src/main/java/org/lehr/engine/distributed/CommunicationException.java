package org.lehr.engine.distributed;

/// Ranks did not work together: they called different operations, one has left or failed, or one did not come in time.
/// The message names ranks, operation and sizes.
public final class CommunicationException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    public CommunicationException(String message) {
        super(message);
    }

    public CommunicationException(String message, Throwable cause) {
        super(message, cause);
    }
}
