package org.lehr.engine.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.lehr.kernels.View;

/// Writes safetensors files: the same tensors and metadata give the same bytes, in whatever order they come.
///
/// Tensors stand in the order of their element size, larger first, then of their names, and the header is padded
/// with spaces to 8 bytes; so every tensor is aligned to its elements and can be used in place when mapped.
public final class SafetensorsWriter {

    private static final JsonFactory JSON = new JsonFactory();

    private static final Comparator<Map.Entry<String, View>> ORDER = Comparator.comparing(
                    (Map.Entry<String, View> e) -> e.getValue().dtype().bytes(), Comparator.reverseOrder())
            .thenComparing(e -> e.getValue().dtype())
            .thenComparing(Map.Entry::getKey);

    private SafetensorsWriter() {}

    /// Replaces `file` by one with these tensors, whole or not at all (see [AtomicFiles]).
    ///
    /// @param tensors any strides; names must be valid Unicode and not `__metadata__`
    /// @param metadata free text, may be empty
    /// @throws IOException naming the file, when it cannot be written; the previous one is intact then
    public static void write(Path file, SequencedMap<String, View> tensors, Map<String, String> metadata)
            throws IOException {
        AtomicFiles.write(file, channel -> write(channel, tensors, metadata));
    }

    /// Writes the file's bytes to `channel`, which stays open.
    ///
    /// @param tensors as for a file
    /// @param metadata as for a file
    public static void write(
            WritableByteChannel channel, SequencedMap<String, View> tensors, Map<String, String> metadata)
            throws IOException {
        List<Map.Entry<String, View>> ordered = new ArrayList<>(tensors.entrySet());
        ordered.sort(ORDER);
        byte[] header = header(ordered, metadata);
        int padded = Math.ceilDiv(header.length, 8) * 8;
        ByteBuffer front = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        front.putLong(padded).put(header);
        while (front.hasRemaining()) {
            front.put((byte) ' ');
        }
        AtomicFiles.writeFully(channel, front.flip());
        for (Map.Entry<String, View> tensor : ordered) {
            RowMajorBytes.write(tensor.getValue(), channel);
        }
    }

    private static byte[] header(List<Map.Entry<String, View>> tensors, Map<String, String> metadata)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(SafetensorsHeader.METADATA);
                for (Map.Entry<String, String> text : new TreeMap<>(metadata).entrySet()) {
                    json.writeStringField(checkedText(text.getKey()), checkedText(text.getValue()));
                }
                json.writeEndObject();
            }
            long begin = 0;
            for (Map.Entry<String, View> tensor : tensors) {
                long end = begin
                        + tensor.getValue().size() * tensor.getValue().dtype().bytes();
                writeEntry(json, checkedName(tensor.getKey()), tensor.getValue(), begin, end);
                begin = end;
            }
            json.writeEndObject();
        }
        if (bytes.size() > SafetensorsHeader.MAX_HEADER_BYTES) {
            throw new IllegalArgumentException("safetensors: header of " + bytes.size() + " bytes: expected at most "
                    + SafetensorsHeader.MAX_HEADER_BYTES);
        }
        return bytes.toByteArray();
    }

    private static void writeEntry(JsonGenerator json, String name, View view, long begin, long end)
            throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("dtype", ElementType.of(view.dtype()).name());
        json.writeFieldName("shape");
        json.writeArray(view.shape(), 0, view.rank());
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {begin, end}, 0, 2);
        json.writeEndObject();
    }

    private static String checkedName(String name) {
        if (name.equals(SafetensorsHeader.METADATA)) {
            throw new IllegalArgumentException(
                    "safetensors: a tensor is named __metadata__: expected another name, this one is the format's own");
        }
        return checkedText(name);
    }

    private static String checkedText(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException(
                    "safetensors: \"" + text + "\" has an unpaired surrogate: expected valid Unicode");
        }
        return text;
    }
}
