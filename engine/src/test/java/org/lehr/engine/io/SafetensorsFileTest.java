package org.lehr.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// Files whose bytes are put together by hand from the format's specification.
final class SafetensorsFileTest {

    @TempDir
    private Path folder;

    @Test
    void readsEveryType() throws IOException {
        ByteBuffer data = littleEndian(64);
        data.putDouble(1.5).putLong(-7).putFloat(2.25f).putInt(-9);
        data.putShort(Float.floatToFloat16(0.1f)).putShort((short) 0x3FC0).putShort((short) -300);
        data.put((byte) -5).put((byte) 250).put((byte) 1).put((byte) 0);
        Path file = write("""
            {"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},\
            "l":{"dtype":"I64","shape":[],"data_offsets":[8,16]},\
            "f":{"dtype":"F32","shape":[1,1],"data_offsets":[16,20]},\
            "i":{"dtype":"I32","shape":[1],"data_offsets":[20,24]},\
            "h":{"dtype":"F16","shape":[1],"data_offsets":[24,26]},\
            "b":{"dtype":"BF16","shape":[1],"data_offsets":[26,28]},\
            "s":{"dtype":"I16","shape":[1],"data_offsets":[28,30]},\
            "c":{"dtype":"I8","shape":[1],"data_offsets":[30,31]},\
            "u":{"dtype":"U8","shape":[1],"data_offsets":[31,32]},\
            "m":{"dtype":"BOOL","shape":[2],"data_offsets":[32,34]},\
            "__metadata__":{"format":"pt","größe":"ü"}}\
            """, data);
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            assertEquals(List.of("d", "l", "f", "i", "h", "b", "s", "c", "u", "m"), List.copyOf(tensors.names()));
            assertEquals(Map.of("format", "pt", "größe", "ü"), tensors.metadata());
            assertView(tensors.view("d"), DType.FLOAT64, new long[] {1}, 1.5);
            assertView(tensors.view("l"), DType.INT64, new long[] {}, -7);
            assertView(tensors.view("f"), DType.FLOAT32, new long[] {1, 1}, 2.25);
            assertView(tensors.view("i"), DType.INT32, new long[] {1}, -9);
            assertView(tensors.view("h"), DType.FLOAT32, new long[] {1}, 0.0999755859375);
            assertView(tensors.view("b"), DType.BFLOAT16, new long[] {1}, 1.5);
            assertView(tensors.view("s"), DType.INT32, new long[] {1}, -300);
            assertView(tensors.view("c"), DType.INT32, new long[] {1}, -5);
            assertView(tensors.view("u"), DType.UINT8, new long[] {1}, 250);
            assertView(tensors.view("m"), DType.BOOL, new long[] {2}, 1, 0);
            assertEquals("h F16[1]", tensors.info("h").toString());
            assertEquals(2, tensors.info("h").fileBytes());
        }
    }

    @Test
    void alignedTensorsLieInTheFileAndOthersAreCopied() throws IOException {
        ByteBuffer data = littleEndian(16).put((byte) 1).putFloat(3).putFloat(4);
        String header = """
            {"u":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},\
            "f":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}\
            """;
        // The header's length decides whether byte 1 of the data is aligned to four.
        Path aligned = write(header + " ".repeat((3 - header.length() % 4 + 4) % 4), data);
        Path unaligned = write(header + " ".repeat((4 - header.length() % 4) % 4), data);
        try (SafetensorsFile in = SafetensorsFile.open(aligned);
                SafetensorsFile off = SafetensorsFile.open(unaligned)) {
            assertTrue(in.view("f").storage().segment().isReadOnly());
            assertFalse(off.view("f").storage().segment().isReadOnly());
            assertView(in.view("f"), DType.FLOAT32, new long[] {2}, 3, 4);
            assertView(off.view("f"), DType.FLOAT32, new long[] {2}, 3, 4);
        }
    }

    @Test
    void viewsEndWithTheFile() throws IOException {
        String header = "{" + entry("f", "F32", "[1]", 0, 4) + "}";
        Path file = write(
                header + " ".repeat((8 - header.length() % 8) % 8),
                littleEndian(4).putFloat(1));
        View view;
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            view = tensors.view("f");
            assertView(view, DType.FLOAT32, new long[] {1}, 1);
        }
        assertThrows(IllegalStateException.class, () -> SampleViews.values(view));
    }

    @Test
    void emptyTensorsAndNoTensors() throws IOException {
        try (SafetensorsFile tensors = SafetensorsFile.open(write("{}", littleEndian(0)))) {
            assertEquals(0, tensors.names().size());
            var error = assertThrows(IllegalArgumentException.class, () -> tensors.view("w"));
            assertTrue(error.getMessage().endsWith("no tensor named \"w\" among 0 tensors"), error.getMessage());
        }
        String header = "{\"e\":{\"dtype\":\"F64\",\"shape\":[3,0,5],\"data_offsets\":[0,0]}}";
        try (SafetensorsFile tensors = SafetensorsFile.open(write(header, littleEndian(0)))) {
            assertView(tensors.view("e"), DType.FLOAT64, new long[] {3, 0, 5});
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refusesHostileHeaders(String expected, String header, int dataBytes) throws IOException {
        Path file = write(header, littleEndian(dataBytes).put(new byte[dataBytes]));
        FormatException error = assertThrows(
                FormatException.class, () -> SafetensorsFile.open(file).close());
        assertTrue(error.getMessage().contains(expected), error.getMessage());
        assertTrue(error.getMessage().startsWith(file + ": "), error.getMessage());
        assertEquals(file.toString(), error.file());
    }

    static Stream<Arguments> refusesHostileHeaders() {
        return Stream.of(
                hostile("header: begins with nothing: expected '{'", "", 0),
                hostile("header: begins with byte 0x20: expected '{'", " {}", 0),
                hostile("header: begins with byte 0x5b: expected '{'", "[]", 0),
                hostile("expected JSON", "{\"a\":", 0),
                hostile("expected JSON", "{", 0),
                hostile("expected spaces only", "{} {}", 0),
                hostile("Duplicate", entry("a", "U8", "[1]", 0, 1) + "," + entry("a", "U8", "[1]", 1, 2), 2),
                hostile(
                        "Duplicate",
                        "\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}",
                        1),
                hostile("\"a\": value 3: expected an object", "\"a\":3", 0),
                hostile(
                        "tensor \"a\": dtype \"F8_E4M3\": expected one of [F64, F32",
                        entry("a", "F8_E4M3", "[1]", 0, 1),
                        1),
                hostile("tensor \"a\": dtype \"f32\"", entry("a", "f32", "[1]", 0, 4), 4),
                hostile("tensor \"a\": shape holds -1: expected 0 or more", entry("a", "U8", "[-1]", 0, 1), 1),
                hostile("tensor \"a\": shape holds 1.5: expected whole numbers", entry("a", "U8", "[1.5]", 0, 1), 1),
                hostile("tensor \"a\": shape holds 1: expected whole numbers", entry("a", "U8", "[\"1\"]", 0, 1), 1),
                hostile("tensor \"a\": shape 1: expected an array", entry("a", "U8", "1", 0, 1), 1),
                hostile("expected a 64-bit whole number", entry("a", "U8", "[9223372036854775808]", 0, 1), 1),
                hostile(
                        "tensor \"a\": shape [4294967296, 4294967296]: expected a size below 2^63 bytes",
                        entry("a", "U8", "[4294967296,4294967296]", 0, 0),
                        0),
                hostile(
                        "shape [2305843009213693952]: expected a size below 2^63 bytes",
                        entry("a", "F64", "[2305843009213693952]", 0, 0),
                        0),
                hostile("expected a size below 2^63", entry("a", "U8", "[0,4294967296,4294967296]", 0, 0), 0),
                hostile("data_offsets [0, 8]: expected 4 bytes for F32 [1]", entry("a", "F32", "[1]", 0, 8), 8),
                hostile("data_offsets [0, 0]: expected 4 bytes for F32 []", entry("a", "F32", "[]", 0, 0), 0),
                hostile("data_offsets [4, 0]: expected the begin not to lie after", entry("a", "U8", "[4]", 4, 0), 4),
                hostile("data_offsets [0, 4]: expected an end within the 3 bytes", entry("a", "U8", "[4]", 0, 4), 3),
                hostile(
                        "tensor \"b\": data_offsets [1, 3] overlaps",
                        entry("a", "U8", "[2]", 0, 2) + "," + entry("b", "U8", "[2]", 1, 3),
                        3),
                hostile(
                        "tensor \"b\": data_offsets [3, 4] leaves a hole: expected to begin at 2",
                        entry("a", "U8", "[2]", 0, 2) + "," + entry("b", "U8", "[1]", 3, 4),
                        4),
                hostile("tensor \"a\": data_offsets [1, 2] leaves a hole", entry("a", "U8", "[1]", 1, 2), 2),
                hostile(
                        "data: the tensors end at byte 1 of 2: expected them to fill the file",
                        entry("a", "U8", "[1]", 0, 1),
                        2),
                hostile(
                        "data_offsets [0]: expected two numbers",
                        "\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0]}",
                        1),
                hostile("tensor \"a\": no shape: expected", "\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}", 1),
                hostile("field \"strides\"", "\"a\":{\"strides\":[1]}", 0),
                hostile("__metadata__: \"n\": value 3: expected a string", "\"__metadata__\":{\"n\":3}", 0),
                hostile(
                        "Broken surrogate pair",
                        "\"\\ud800\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}",
                        1),
                hostile("\"a\": value [: expected an object", "\"a\":" + "[".repeat(100_000), 0),
                hostile("tensor \"a\": shape holds [", "\"a\":{\"shape\":" + "[".repeat(100_000), 0));
    }

    private static Arguments hostile(String expected, String members, int dataBytes) {
        boolean whole = members.isEmpty() || members.strip().startsWith("{") || members.startsWith("[");
        return Arguments.of(expected, whole ? members : "{" + members + "}", dataBytes);
    }

    private static String entry(String name, String dtype, String shape, long begin, long end) {
        return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":[" + begin + ","
                + end + "]}";
    }

    @Test
    void refusesNamesThatAreNotUtf8() throws IOException {
        byte[] header = entry("a?", "U8", "[1]", 0, 1).getBytes(StandardCharsets.UTF_8);
        for (byte[] bad : new byte[][] {{(byte) 0xC3}, {(byte) 0xFF}, {(byte) 0x80}}) {
            byte[] damaged = ("{" + new String(header, StandardCharsets.UTF_8) + "}").getBytes(StandardCharsets.UTF_8);
            damaged[3] = bad[0];
            Path file = write(damaged, littleEndian(1).put((byte) 0));
            var error = assertThrows(
                    FormatException.class, () -> SafetensorsFile.open(file).close());
            assertTrue(error.getMessage().contains("not valid UTF-8"), error.getMessage());
        }
    }

    @Test
    void refusesLengthsThatTheFileCannotHold() throws IOException {
        Path file = folder.resolve("x.safetensors");
        for (long length : new long[] {3, 100_000_001, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
            Files.write(
                    file,
                    littleEndian(10)
                            .putLong(length)
                            .put((byte) '{')
                            .put((byte) '}')
                            .array());
            var error = assertThrows(
                    FormatException.class, () -> SafetensorsFile.open(file).close());
            assertTrue(error.getMessage().contains("header of " + Long.toUnsignedString(length)), error.getMessage());
        }
    }

    @Test
    void refusesEveryTruncation() throws IOException {
        Path whole = write(
                "{" + entry("a", "F32", "[2]", 0, 8) + "}",
                littleEndian(8).putFloat(1).putFloat(2));
        byte[] bytes = Files.readAllBytes(whole);
        Path file = folder.resolve("truncated.safetensors");
        for (int length = 0; length < bytes.length; length++) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThrows(FormatException.class, () -> SafetensorsFile.open(file).close(), "at " + length);
        }
    }

    @Test
    void refusesBooleansThatAreNone() throws IOException {
        Path file = write(
                "{" + entry("m", "BOOL", "[2]", 0, 2) + "}",
                littleEndian(2).put((byte) 1).put((byte) 2));
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            var error = assertThrows(FormatException.class, () -> tensors.view("m"));
            assertEquals(
                    file + ": tensor \"m\": element 1 has value 2: expected a boolean, 0 or 1", error.getMessage());
        }
    }

    private static void assertView(View view, DType dtype, long[] shape, double... values) {
        assertEquals(dtype, view.dtype());
        assertArrayEquals(shape, view.shape());
        assertArrayEquals(values, SampleViews.values(view));
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private Path write(String header, ByteBuffer data) throws IOException {
        return write(header.getBytes(StandardCharsets.UTF_8), data);
    }

    private Path write(byte[] header, ByteBuffer data) throws IOException {
        ByteBuffer file = littleEndian(8 + header.length + data.position());
        file.putLong(header.length).put(header).put(data.duplicate().flip());
        Path path = Files.createTempFile(folder, "t", ".safetensors");
        return Files.write(path, file.array());
    }
}
