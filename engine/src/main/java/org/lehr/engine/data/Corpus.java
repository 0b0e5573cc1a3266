package org.lehr.engine.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Where documents come from. The same source gives the same documents in the same order, on every machine.
public interface Corpus {

    /// What this is, in a few words for people: `JDK 25.0.3 sources, java.base`.
    String description();

    /// Reads all documents, ordered by name. Empty ones are left out.
    ///
    /// @throws DataException when the source is missing or unreadable, holds no text, or is too large for the Java
    ///     heap
    List<Document> documents();

    /// The corpus at `path`: all text in a folder, all text in a zip archive, or one file.
    ///
    /// @throws DataException when there is nothing at `path`
    static Corpus at(Path path) {
        if (Files.isDirectory(path)) {
            return new TextFolder(path, Set.of(), Long.MAX_VALUE);
        }
        if (!Files.exists(path)) {
            throw new DataException("no such file or folder: " + path);
        }
        if (path.toString().toLowerCase(Locale.ROOT).endsWith(".zip")) {
            return new TextArchive(path, "", Set.of(), Long.MAX_VALUE);
        }
        return new TextFile(path);
    }
}
