package org.lehr.kernels.memory;

/// Memory was used through a handle that had been released.
public final class ReleasedMemoryException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    ReleasedMemoryException(String owner, long bytes) {
        super("memory of " + owner + " (" + bytes + " bytes) is used after its release: the scope in which it was"
                + " made has ended (see Scope.keep), or backward has consumed it");
    }
}
