package org.lehr.engine.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// The sources of the Java class library, from the JDK that runs the program: real text that is already on the machine.
///
/// By default all of `java.base`, which is both code and prose and loads in a fraction of a second; the whole archive
/// is several times that, with little that is new to a small model.
///
/// @param archive the JDK's `lib/src.zip`
/// @param folder only entries whose names begin so, such as `java.base/`; empty for all modules
/// @param limit bytes to read at most; of more, whole files are chosen by a hash of their names
public record JdkSources(Path archive, String folder, long limit) implements Corpus {

    public JdkSources {
        Objects.requireNonNull(archive, "archive");
        Objects.requireNonNull(folder, "folder");
        Selection.requireLimit(limit);
    }

    /// `java.base` of the running JDK.
    public static JdkSources ofRunningJdk() {
        return new JdkSources(Path.of(System.getProperty("java.home"), "lib", "src.zip"), "java.base/", Long.MAX_VALUE);
    }

    @Override
    public String description() {
        return "JDK " + Runtime.version().feature() + " sources" + (folder.isEmpty() ? "" : ", " + folder);
    }

    @Override
    public List<Document> documents() {
        if (!Files.exists(archive)) {
            throw new DataException("this JDK comes without its sources (" + archive
                    + " is missing): install them, or name a text with --data FILE or --data FOLDER");
        }
        return new TextArchive(archive, folder, Set.of("java"), limit).documents();
    }
}
