package org.lehr.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// A file of PTX among the resources of this module, generated from the source of the same name.
record PtxFile(String name) {

    String text() {
        return read(name + ".ptx");
    }

    /// SHA-256 of the source that it was generated from, in hexadecimal digits.
    String digest() {
        return read(name + ".digest").strip();
    }

    private static String read(String resource) {
        try (InputStream in = PtxFile.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("cuda: the resource " + resource + " is missing from this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException("cuda: the resource " + resource + " cannot be read", e);
        }
    }
}
