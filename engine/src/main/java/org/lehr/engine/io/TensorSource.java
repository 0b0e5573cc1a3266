package org.lehr.engine.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SequencedSet;
import org.lehr.kernels.View;

/// Named arrays that stand in one or several files, read when asked for.
///
/// An array that lies in the file as it must lie in memory is not copied: its view looks into the mapped file, is
/// read-only, and ends with [#close]. Copy what is to live longer or to be written to.
public interface TensorSource extends AutoCloseable {

    /// Opens `path` by its name: `*.safetensors`, `*.safetensors.index.json`, `*.npz`, or a folder that holds
    /// `model.safetensors.index.json` or `model.safetensors`.
    ///
    /// @throws FormatException when the content is not what the name promises
    static TensorSource open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            Path index = path.resolve("model.safetensors.index.json");
            return open(Files.exists(index) ? index : path.resolve("model.safetensors"));
        }
        String name = String.valueOf(path.getFileName());
        if (name.endsWith(".safetensors")) {
            return SafetensorsFile.open(path);
        }
        if (name.endsWith(".index.json")) {
            return SafetensorsShards.open(path);
        }
        if (name.endsWith(".npz")) {
            return NpzFile.open(path);
        }
        throw new FormatException(
                path, "unknown kind of file: expected *.safetensors, *.safetensors.index.json or *.npz");
    }

    /// The arrays, in the order of the file.
    SequencedSet<String> names();

    /// What the file says of this array, without reading its elements.
    ///
    /// @throws IllegalArgumentException when there is no array of this name
    TensorInfo info(String name);

    /// The array of this name.
    ///
    /// @throws IllegalArgumentException when there is no array of this name
    /// @throws FormatException when its elements are damaged
    View view(String name) throws IOException;

    /// Free text that came with the arrays; empty where there is none.
    Map<String, String> metadata();

    @Override
    void close() throws IOException;
}
