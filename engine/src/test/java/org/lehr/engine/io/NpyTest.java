package org.lehr.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

final class NpyTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"1", "2", "3"})
    void readsBytesPutTogetherByHand(int version) throws IOException {
        String header = "{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }";
        ByteBuffer data = ByteBuffer.allocate(24);
        for (float value : new float[] {1, 4, 2, 5, 3, 6}) {
            data.putFloat(value);
        }
        View view = Npy.read(write(version, header, data.array()));
        assertEquals(DType.FLOAT32, view.dtype());
        assertArrayEquals(new long[] {2, 3}, view.shape());
        assertArrayEquals(new long[] {1, 2}, view.strides());
        assertArrayEquals(new double[] {1, 2, 3, 4, 5, 6}, SampleViews.values(view));
    }

    @ParameterizedTest
    @CsvSource({
        "f2, FLOAT32",
        "f4, FLOAT32",
        "f8, FLOAT64",
        "i1, INT32",
        "i2, INT32",
        "i4, INT32",
        "i8, INT64",
        "u1, UINT8",
        "u2, INT32",
        "u4, INT64",
        "b1, BOOL"
    })
    void readsWhatNumPyWrites(String type, DType dtype) throws IOException, InterruptedException {
        String values = NumPy.run(folder, """
            r = np.random.default_rng(5)
            for order in '<>':
                for layout in 'CF':
                    a = r.integers(-100, 100, (3, 5, 7)) if '%1$s'[0] != 'f' else r.normal(size=(3, 5, 7))
                    a = a.astype(order + '%1$s')
                    np.save(order.replace('<', 'l').replace('>', 'b') + layout, np.asarray(a, order=layout))
                    print(*[repr(float(x)) for x in a.ravel()])
            """.formatted(type));
        String[] lines = values.split("\n");
        String[] names = {"lC", "lF", "bC", "bF"};
        for (int i = 0; i < names.length; i++) {
            View view = Npy.read(folder.resolve(names[i] + ".npy"));
            assertEquals(dtype, view.dtype());
            assertArrayEquals(new long[] {3, 5, 7}, view.shape());
            double[] expected = Arrays.stream(lines[i].split(" "))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            assertArrayEquals(expected, SampleViews.values(view), names[i]);
        }
    }

    @Test
    void readsScalarsEmptyArraysAndFloat16ExtremesOfNumPy() throws IOException, InterruptedException {
        NumPy.run(folder, """
            np.save('scalar', np.float64(2.5)); np.save('empty', np.zeros((0, 3), 'f4')); np.save('one', np.arange(3.))
            np.save('half', np.arange(65536, dtype='<u2').view('<f2'))
            np.save('single', np.arange(65536, dtype='<u2').view('<f2').astype('<f4'))
            """);
        assertArrayEquals(new long[] {}, Npy.read(folder.resolve("scalar.npy")).shape());
        assertArrayEquals(new double[] {2.5}, SampleViews.values(Npy.read(folder.resolve("scalar.npy"))));
        assertArrayEquals(
                new long[] {0, 3}, Npy.read(folder.resolve("empty.npy")).shape());
        assertArrayEquals(new long[] {3}, Npy.read(folder.resolve("one.npy")).shape());
        double[] half = SampleViews.values(Npy.read(folder.resolve("half.npy")));
        assertArrayEquals(SampleViews.values(Npy.read(folder.resolve("single.npy"))), half);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void numPyReadsWhatIsWritten(DType dtype) throws IOException, InterruptedException {
        View view = SampleViews.transposed(SampleViews.random(dtype, 3, 5, 7));
        Npy.write(folder.resolve("a.npy"), view);
        String printed = NumPy.run(
                folder,
                "a = np.load('a.npy'); print(a.dtype.str, a.shape, a.flags.c_contiguous);"
                        + "print(*[x for x in a.view('u%d' % a.itemsize).ravel()])");
        String[] lines = printed.split("\n");
        String expectedType = switch (dtype) {
            case FLOAT32, BFLOAT16 -> "<f4";
            case FLOAT64 -> "<f8";
            case INT64 -> "<i8";
            case INT32 -> "<i4";
            case UINT8 -> "|u1";
            case BOOL -> "|b1";
        };
        assertEquals(expectedType + " (7, 5) True", lines[0]);
        long[] expected = Arrays.stream(SampleViews.bits(view))
                .map(bits -> switch (dtype) {
                    case FLOAT32, INT32 -> bits & 0xFFFF_FFFFL;
                    case BFLOAT16 -> bits << 16 & 0xFFFF_FFFFL;
                    case UINT8, BOOL -> bits & 0xFF;
                    case FLOAT64, INT64 -> bits;
                })
                .toArray();
        assertArrayEquals(
                expected,
                Arrays.stream(lines[1].split(" "))
                        .mapToLong(Long::parseUnsignedLong)
                        .toArray());
    }

    @Test
    void comesBackBitForBit() throws IOException {
        Path file = folder.resolve("a.npy");
        for (DType dtype : DType.values()) {
            for (long[] shape : new long[][] {{}, {0}, {1}, {13}, {2, 0, 3}, {3, 5, 7}, {70_001}}) {
                View view = SampleViews.random(dtype, 11, shape);
                Npy.write(file, view);
                assertEquals(0, (Files.size(file) - view.size() * (dtype == DType.BFLOAT16 ? 4 : dtype.bytes())) % 64);
                View back = Npy.read(file);
                assertArrayEquals(shape, back.shape());
                if (dtype != DType.BFLOAT16) {
                    assertEquals(dtype, back.dtype());
                    assertArrayEquals(SampleViews.bits(view), SampleViews.bits(back));
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refusesHostileHeaders(String expected, String header) throws IOException {
        Path file = write(1, header, new byte[8]);
        FormatException error = assertThrows(FormatException.class, () -> Npy.read(file));
        assertTrue(error.getMessage().contains(expected), error.getMessage());
        assertTrue(error.getMessage().startsWith(file + ": "), error.getMessage());
    }

    static Stream<Arguments> refusesHostileHeaders() {
        return Stream.of(
                Arguments.of("pickles, which are never loaded", dictionary("'|O'", "False", "(1,)")),
                Arguments.of("pickles, which are never loaded", dictionary("'O'", "False", "(1,)")),
                Arguments.of("records are not read", dictionary("[('a', '<f4')]", "False", "(1,)")),
                Arguments.of("npy dtype '<c8': expected", dictionary("'<c8'", "False", "(1,)")),
                Arguments.of("npy dtype '<U3': expected", dictionary("'<U3'", "False", "(1,)")),
                Arguments.of("npy dtype '<u8': expected", dictionary("'<u8'", "False", "(1,)")),
                Arguments.of("npy dtype '|f4': expected < or >", dictionary("'|f4'", "False", "(1,)")),
                Arguments.of("expected True or False", dictionary("'<f4'", "0", "(1,)")),
                Arguments.of("expected a tuple", dictionary("'<f4'", "False", "[1]")),
                Arguments.of("expected a tuple", dictionary("'<f4'", "False", "(-1,)")),
                Arguments.of("expected 64-bit whole numbers", dictionary("'<f4'", "False", "(9223372036854775808,)")),
                Arguments.of("expected 64-bit whole numbers", dictionary("'<f4'", "False", "(1 2,)")),
                Arguments.of("a size below 2^63", dictionary("'<f4'", "False", "(4294967296, 4294967296)")),
                Arguments.of("takes 4000000000000000 bytes", dictionary("'<f4'", "False", "(1000000000000000,)")),
                Arguments.of("takes 400 bytes: expected at most", dictionary("'<f4'", "False", "(100,)")),
                Arguments.of("data ends after 8 bytes: expected 12", dictionary("'<f4'", "False", "(3,)")),
                Arguments.of("bytes follow the data", dictionary("'<f4'", "False", "(1,)")),
                Arguments.of("expected a dictionary", "__import__('os').system('x')"),
                Arguments.of("expected descr, fortran_order and shape", "{'descr': '<f4'}"),
                Arguments.of("expected descr, fortran_order, shape", "{'x': '<f4'}"),
                Arguments.of("expected descr, fortran_order and shape", "{}"),
                Arguments.of("expected descr, fortran_order and shape", "{'descr'}"));
    }

    private static String dictionary(String descr, String fortran, String shape) {
        return "{'descr': " + descr + ", 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
    }

    @Test
    void refusesBooleansThatAreNone() throws IOException {
        Path file = write(1, dictionary("'|b1'", "False", "(3,)"), new byte[] {1, 0, 7});
        FormatException error = assertThrows(FormatException.class, () -> Npy.read(file));
        assertEquals(file + ": element 2 has value 7: expected a boolean, 0 or 1", error.getMessage());
    }

    @Test
    void refusesEveryTruncationAndOtherVersions() throws IOException {
        byte[] whole = Files.readAllBytes(write(1, dictionary("'<f4'", "False", "(2,)"), new byte[8]));
        Path file = folder.resolve("damaged.npy");
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThrows(FormatException.class, () -> Npy.read(file), "at " + length);
        }
        whole[6] = 9;
        Files.write(file, whole);
        var error = assertThrows(FormatException.class, () -> Npy.read(file));
        assertTrue(error.getMessage().contains("npy version 9.0: expected 1.0, 2.0 or 3.0"), error.getMessage());
        Files.write(
                file,
                ByteBuffer.allocate(12)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(whole, 0, 6)
                        .put((byte) 2)
                        .put((byte) 0)
                        .putInt(-1)
                        .array());
        error = assertThrows(FormatException.class, () -> Npy.read(file));
        assertTrue(error.getMessage().contains("npy header of 4294967295 bytes"), error.getMessage());
    }

    private Path write(int version, String header, byte[] data) throws IOException {
        byte[] text = (header + "\n").getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(12 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) version)
                .put((byte) 0);
        if (version == 1) {
            file.putShort((short) text.length);
        } else {
            file.putInt(text.length);
        }
        file.put(text).put(data);
        return Files.write(Files.createTempFile(folder, "t", ".npy"), Arrays.copyOf(file.array(), file.position()));
    }
}
