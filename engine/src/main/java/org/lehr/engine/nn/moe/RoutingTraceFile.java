package org.lehr.engine.nn.moe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.io.FormatException;
import org.lehr.engine.io.SafetensorsFile;
import org.lehr.engine.io.SafetensorsWriter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Scope;

/// A [RoutingTrace] as a safetensors file: for each call of a router one tensor `path/00000000`, `path/00000001`, ...,
/// int32 `[b, t, s]`.
public final class RoutingTraceFile {

    private static final String KIND = "lehr routing trace";

    private RoutingTraceFile() {}

    /// Writes the trace; `file` is replaced when it is whole.
    public static void write(RoutingTrace trace, Path file) throws IOException {
        try (var _ = Scope.open()) {
            SequencedMap<String, View> tensors = new LinkedHashMap<>();
            trace.choices().forEach((path, calls) -> {
                for (int call = 0; call < calls.size(); call++) {
                    RoutingTrace.Choice choice = calls.get(call);
                    Tensor indices = Tensor.of(choice.indices(), choice.shape().toArray());
                    tensors.put(
                            String.format(Locale.ROOT, "%s/%08d", path, call),
                            indices.to(DType.INT32).view());
                }
            });
            SafetensorsWriter.write(file, tensors, Map.of("kind", KIND));
        }
    }

    /// Reads what [#write] wrote.
    ///
    /// @throws FormatException when the file holds something else
    public static RoutingTrace read(Path file) throws IOException {
        RoutingTrace trace = new RoutingTrace();
        try (SafetensorsFile tensors = SafetensorsFile.open(file);
                var _ = Scope.open()) {
            for (String name : tensors.names()) {
                int slash = name.lastIndexOf('/');
                Tensor indices = new Tensor(tensors.view(name), Device.cpu());
                if (slash < 0 || indices.rank() != 3 || indices.dtype() != DType.INT32) {
                    throw new FormatException(
                            file,
                            "'" + name + "': expected the choices of a router, int32 [b, t, s] at path/call, got "
                                    + indices);
                }
                trace.add(
                        name.substring(0, slash),
                        new RoutingTrace.Choice(
                                indices.shape(), indices.to(DType.INT64).toLongArray()));
            }
        }
        return trace;
    }
}
