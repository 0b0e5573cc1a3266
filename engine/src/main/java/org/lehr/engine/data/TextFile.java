package org.lehr.engine.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// One file as one document. Any bytes will do.
public record TextFile(Path path) implements Corpus {

    public TextFile {
        Objects.requireNonNull(path, "path");
    }

    @Override
    public String description() {
        return path.getFileName().toString();
    }

    @Override
    public List<Document> documents() {
        try {
            Selection.requireRoom(Files.size(path), path.toString());
            byte[] bytes = Files.readAllBytes(path);
            if (bytes.length == 0) {
                throw new DataException("the file is empty: " + path);
            }
            return List.of(new Document(description(), bytes));
        } catch (NoSuchFileException e) {
            throw new DataException("no such file: " + path, e);
        } catch (IOException e) {
            throw new DataException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }
}
