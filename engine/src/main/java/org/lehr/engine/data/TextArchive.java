package org.lehr.engine.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// The text files in a zip archive, one document each; files that look binary are passed over.
///
/// @param folder only entries whose names begin so, such as `java.base/`; empty for all
/// @param extensions without the dot, such as `java`; none for every file
/// @param limit bytes to read at most; of more, whole files are chosen by a hash of their names
public record TextArchive(Path path, String folder, Set<String> extensions, long limit) implements Corpus {

    public TextArchive {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(folder, "folder");
        extensions = Set.copyOf(extensions);
        Selection.requireLimit(limit);
    }

    @Override
    public String description() {
        return path.getFileName() + (folder.isEmpty() ? "" : ", " + folder);
    }

    @Override
    public List<Document> documents() {
        if (!Files.exists(path)) {
            throw new DataException("no such file: " + path);
        }
        List<Document> documents = new ArrayList<>();
        try (ZipFile zip = new ZipFile(path.toFile())) {
            List<Selection.Entry> entries = zip.stream()
                    .filter(entry -> !entry.isDirectory() && entry.getName().startsWith(folder))
                    .filter(entry -> Selection.hasExtension(entry.getName(), extensions))
                    .map(entry -> new Selection.Entry(entry.getName(), Math.max(entry.getSize(), 0)))
                    .toList();
            for (Selection.Entry entry : Selection.choose(entries, limit, path.toString())) {
                byte[] bytes = read(zip, zip.getEntry(entry.name()));
                if (Selection.isText(bytes)) {
                    documents.add(new Document(entry.name(), bytes));
                }
            }
        } catch (IOException e) {
            throw new DataException("cannot read " + path + ": " + e.getMessage(), e);
        }
        if (documents.isEmpty()) {
            throw new DataException("no text found in " + path + Selection.among(extensions));
        }
        return documents;
    }

    private static byte[] read(ZipFile zip, ZipEntry entry) throws IOException {
        try (InputStream in = zip.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }
}
