package org.lehr.engine.data;

import java.util.Objects;

/// A text with a name, which is its path inside the corpus. The array belongs to the document: nobody writes to it.
public record Document(String name, byte[] bytes) {

    public Document {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(bytes, "bytes");
    }

    @Override
    public String toString() {
        return name + " (" + bytes.length + " bytes)";
    }
}
