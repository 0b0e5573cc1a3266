package org.lehr.engine.train.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Reads the files back with a parser of its own, bit by bit of the published formats.
final class TensorBoardWriterTest {

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000L, 250_000_000));

    @TempDir
    private Path folder;

    @Test
    void checksumsAreThoseOfTheStandard() {
        // CRC-32C of "123456789" is e3069283 (RFC 3720's polynomial); masked as the TFRecord format demands.
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        int crc = 0xe3069283;
        assertEquals(
                ((crc >>> 15) | (crc << 17)) + 0xa282ead8, TensorBoardWriter.maskedChecksum(digits, 0, digits.length));
        for (byte[] bytes : List.of(digits, new byte[32], new byte[0])) {
            int plain = bitwiseCrc32c(bytes);
            assertEquals(
                    ((plain >>> 15) | (plain << 17)) + 0xa282ead8,
                    TensorBoardWriter.maskedChecksum(bytes, 0, bytes.length));
        }
    }

    @Test
    void everyEventComesBack() throws IOException {
        try (TensorBoardWriter board = TensorBoardWriter.open(folder, CLOCK)) {
            board.scalar(0, "loss/train", 2.5);
            board.scalar(300_000_000_000L, "loss/train", Double.NaN);
            board.text(7, "größe", "a\nb".repeat(100));
            board.force();
        }
        List<Map<Integer, Object>> events = events(files().getFirst());
        assertEquals(4, events.size());
        assertEquals("brain.Event:2", text(events.get(0).get(3)));
        assertEquals(
                1_700_000_000.25, Double.longBitsToDouble((long) events.get(0).get(1)));
        Map<Integer, Object> first = value(events.get(1));
        assertEquals(0L, events.get(1).get(2));
        assertEquals("loss/train", text(first.get(1)));
        assertEquals(2.5f, Float.intBitsToFloat((int) first.get(2)));
        assertEquals(300_000_000_000L, events.get(2).get(2));
        assertTrue(Float.isNaN(Float.intBitsToFloat((int) value(events.get(2)).get(2))));
        Map<Integer, Object> text = value(events.get(3));
        assertEquals("größe", text(text.get(1)));
        Map<Integer, Object> tensor = message(text.get(8));
        assertEquals(7L, tensor.get(1));
        assertEquals(1L, message(message(tensor.get(2)).get(2)).get(1));
        assertEquals("a\nb".repeat(100), text(tensor.get(8)));
        assertEquals("text", text(message(message(text.get(9)).get(1)).get(1)));
    }

    @Test
    void resumingAppendsAFileThatVoidsLaterSteps() throws IOException {
        TensorBoardWriter.open(folder, CLOCK).close();
        byte[] first = Files.readAllBytes(files().getFirst());
        try (TensorBoardWriter board = TensorBoardWriter.resume(folder, 40, CLOCK)) {
            board.scalar(41, "loss", 1);
        }
        List<Path> files = files();
        assertEquals(2, files.size());
        assertArrayEquals(first, Files.readAllBytes(files.getFirst()));
        Map<Integer, Object> restart = events(files.getLast()).get(1);
        assertEquals(41L, restart.get(2));
        assertEquals(1L, message(restart.get(7)).get(1));
        assertTrue(files.getLast().getFileName().toString().contains("tfevents"));
    }

    private List<Path> files() {
        return Arrays.stream(folder.toFile().listFiles())
                .map(File::toPath)
                .sorted()
                .toList();
    }

    private static Map<Integer, Object> value(Map<Integer, Object> event) {
        return message(message(event.get(5)).get(1));
    }

    private static List<Map<Integer, Object>> events(Path file) throws IOException {
        ByteBuffer records = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Map<Integer, Object>> events = new ArrayList<>();
        while (records.hasRemaining()) {
            byte[] length = new byte[8];
            records.get(length);
            assertEquals(masked(length), records.getInt());
            byte[] event = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            records.get(event);
            assertEquals(masked(event), records.getInt());
            events.add(message(event));
        }
        return events;
    }

    private static int masked(byte[] bytes) {
        int crc = bitwiseCrc32c(bytes);
        return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
    }

    private static int bitwiseCrc32c(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }
        return ~crc;
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }

    private static Map<Integer, Object> message(Object bytes) {
        ByteBuffer in = ByteBuffer.wrap((byte[]) bytes).order(ByteOrder.LITTLE_ENDIAN);
        Map<Integer, Object> fields = new LinkedHashMap<>();
        while (in.hasRemaining()) {
            int key = (int) varint(in);
            Object value = switch (key & 7) {
                case 0 -> varint(in);
                case 1 -> in.getLong();
                case 2 -> {
                    byte[] content = new byte[(int) varint(in)];
                    in.get(content);
                    yield content;
                }
                case 5 -> in.getInt();
                default -> throw new AssertionError("wire type " + (key & 7));
            };
            fields.put(key >>> 3, value);
        }
        return fields;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = in.get();
            value |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }
}
