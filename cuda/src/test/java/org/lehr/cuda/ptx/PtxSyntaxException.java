package org.lehr.cuda.ptx;

/// PTX that is no PTX, or that this machine does not know.
final class PtxSyntaxException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    PtxSyntaxException(int line, String message) {
        super("line " + line + ": " + message);
    }

    private PtxSyntaxException(String file, PtxSyntaxException cause) {
        super(file + ", " + cause.getMessage(), cause);
    }

    PtxSyntaxException in(String file) {
        return new PtxSyntaxException(file, this);
    }
}
