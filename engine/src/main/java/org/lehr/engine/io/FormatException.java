package org.lehr.engine.io;

import java.io.IOException;
import java.io.Serial;

/// A file whose bytes are not what its format demands. The message names the file, the place in it
/// (a tensor, a field, a line), the value found and what was expected.
public final class FormatException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String file;

    /// @param file what the reader was given to read, as the user would name it
    /// @param detail place, value and expectation: `tensor "w": dtype "F7": expected one of F64, F32`
    public FormatException(Object file, String detail) {
        super(file + ": " + detail);
        this.file = file.toString();
    }

    /// As [#FormatException(Object, String)], found by another parser.
    public FormatException(Object file, String detail, Throwable cause) {
        super(file + ": " + detail, cause);
        this.file = file.toString();
    }

    /// The file that was refused.
    public String file() {
        return file;
    }
}
