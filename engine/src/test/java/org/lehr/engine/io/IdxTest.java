package org.lehr.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

final class IdxTest {

    @TempDir
    private Path folder;

    private static byte[] images() {
        return ByteBuffer.allocate(22)
                .putInt(0x00000803)
                .putInt(1)
                .putInt(2)
                .putInt(3)
                .put(new byte[] {0, 127, (byte) 128, (byte) 255, 5, 6})
                .array();
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("a.idx"), bytes);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    @Test
    void readsImagesCompressedOrNot() throws IOException {
        for (byte[] bytes : new byte[][] {images(), gzip(images())}) {
            View view = Idx.read(write(bytes));
            assertEquals(DType.UINT8, view.dtype());
            assertArrayEquals(new long[] {1, 2, 3}, view.shape());
            assertArrayEquals(new double[] {0, 127, 128, 255, 5, 6}, SampleViews.values(view));
        }
    }

    @ParameterizedTest
    @CsvSource({"9, 1, INT32", "11, 2, INT32", "12, 4, INT32", "13, 4, FLOAT32", "14, 8, FLOAT64"})
    void readsEveryType(int code, int bytes, DType dtype) throws IOException {
        ByteBuffer file =
                ByteBuffer.allocate(8 + 2 * bytes).putInt(code << 8 | 1).putInt(2);
        for (int value : new int[] {-3, 100}) {
            switch (code) {
                case 9 -> file.put((byte) value);
                case 11 -> file.putShort((short) value);
                case 12 -> file.putInt(value);
                case 13 -> file.putFloat(value);
                default -> file.putDouble(value);
            }
        }
        View view = Idx.read(write(file.array()));
        assertEquals(dtype, view.dtype());
        assertArrayEquals(new double[] {-3, 100}, SampleViews.values(view));
    }

    @Test
    void refusesEveryTruncation() throws IOException {
        for (byte[] whole : new byte[][] {images(), gzip(images())}) {
            for (int length = 0; length < whole.length; length++) {
                Path file = write(Arrays.copyOf(whole, length));
                assertThrows(FormatException.class, () -> Idx.read(file), "at " + length);
            }
        }
    }

    @Test
    void refusesWhatItCannotBe() throws IOException {
        refused("bytes follow the data", Arrays.copyOf(images(), 23));
        refused(
                "type 0x07: expected one of",
                ByteBuffer.allocate(8).putInt(0x0701).array());
        refused("expected the IDX magic", "PNG?".getBytes());
        refused(
                "shape [4294967295, 4294967295]: expected at most the 12 bytes",
                ByteBuffer.allocate(12).putInt(0x0802).putInt(-1).putInt(-1).array());
        byte[] damaged = gzip(images());
        damaged[damaged.length - 6] ^= 1;
        refused("damaged compression", damaged);
    }

    private void refused(String expected, byte[] bytes) throws IOException {
        Path file = write(bytes);
        FormatException error = assertThrows(FormatException.class, () -> Idx.read(file));
        assertTrue(error.getMessage().startsWith(file + ": "), error.getMessage());
        assertTrue(error.getMessage().contains(expected), error.getMessage());
    }
}
