package org.lehr.engine.data;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// The text files below a folder, one document each. Hidden files and folders, symbolic links and files that look
/// binary (a zero byte among the first 8192) are passed over; text need not be valid UTF-8.
///
/// @param extensions without the dot, such as `java`; none for every file
/// @param limit bytes to read at most; of more, whole files are chosen by a hash of their names
public record TextFolder(Path path, Set<String> extensions, long limit) implements Corpus {

    public TextFolder {
        Objects.requireNonNull(path, "path");
        extensions = Set.copyOf(extensions);
        Selection.requireLimit(limit);
    }

    @Override
    public String description() {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? path.toString() : name.toString();
    }

    @Override
    public List<Document> documents() {
        List<Document> documents = new ArrayList<>();
        try {
            for (Selection.Entry entry : Selection.choose(entries(), limit, path.toString())) {
                byte[] bytes = Files.readAllBytes(path.resolve(entry.name()));
                if (Selection.isText(bytes)) {
                    documents.add(new Document(entry.name(), bytes));
                }
            }
        } catch (NoSuchFileException e) {
            throw new DataException("no such folder: " + e.getFile(), e);
        } catch (IOException e) {
            throw new DataException("cannot read " + path + ": " + e.getMessage(), e);
        }
        if (documents.isEmpty()) {
            throw new DataException("no text found in " + path + Selection.among(extensions));
        }
        return documents;
    }

    private List<Selection.Entry> entries() throws IOException {
        List<Selection.Entry> entries = new ArrayList<>();
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                boolean hidden = !folder.equals(path) && isHidden(folder);
                return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile() && !isHidden(file)) {
                    String name = path.relativize(file).toString().replace('\\', '/');
                    if (Selection.hasExtension(name, extensions)) {
                        entries.add(new Selection.Entry(name, attributes.size()));
                    }
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return entries;
    }

    private static boolean isHidden(Path file) {
        return file.getFileName().toString().startsWith(".");
    }
}
