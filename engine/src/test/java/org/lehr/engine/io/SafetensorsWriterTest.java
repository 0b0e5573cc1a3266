package org.lehr.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

final class SafetensorsWriterTest {

    @TempDir
    private Path folder;

    @Test
    void writesTheSpecifiedBytes() throws IOException {
        Path file = folder.resolve("m.safetensors");
        SequencedMap<String, View> tensors = new LinkedHashMap<>();
        tensors.put("b", SampleViews.of(DType.UINT8, new long[] {3}, new byte[] {1, 2, 3}));
        tensors.put("a", SampleViews.floats(new long[] {2, 1}, 1, -2));
        SafetensorsWriter.write(file, tensors, Map.of("z", "1", "k", "é\""));
        String header = "{\"__metadata__\":{\"k\":\"é\\\"\",\"z\":\"1\"},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[8,11]}}";
        byte[] bytes = Files.readAllBytes(file);
        int length = bytes[0] & 0xFF;
        assertEquals(0, length % 8);
        assertEquals(header, new String(bytes, 8, length, StandardCharsets.UTF_8).stripTrailing());
        assertArrayEquals(
                new byte[] {0, 0, (byte) 0x80, 0x3F, 0, 0, 0, (byte) 0xC0, 1, 2, 3},
                Arrays.copyOfRange(bytes, 8 + length, bytes.length));
    }

    @Test
    void theOrderGivenDoesNotChangeTheBytes() throws IOException {
        SequencedMap<String, View> one = new LinkedHashMap<>();
        int seed = 0;
        for (DType dtype : DType.values()) {
            one.put("t" + seed, SampleViews.random(dtype, seed++, 3, 5));
        }
        Path first = folder.resolve("a");
        Path second = folder.resolve("b");
        SafetensorsWriter.write(first, one, Map.of());
        SafetensorsWriter.write(second, one.reversed(), Map.of());
        assertEquals(-1, Files.mismatch(first, second));
    }

    @Test
    void everyTensorIsAlignedAndComesBackBitForBit() throws IOException {
        SequencedMap<String, View> tensors = new LinkedHashMap<>();
        long[][] shapes = {{}, {0}, {1}, {7}, {3, 0, 2}, {2, 3, 5}, {1, 1}, {257, 263}};
        int seed = 1;
        for (long[] shape : shapes) {
            for (DType dtype : DType.values()) {
                tensors.put("größe.\"" + dtype + "\\" + seed, SampleViews.random(dtype, seed++, shape));
            }
        }
        for (DType dtype : DType.values()) {
            tensors.put("transposed." + dtype, SampleViews.transposed(SampleViews.random(dtype, seed++, 5, 7)));
        }
        Path file = folder.resolve("m.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of("a", "b"));
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertEquals(tensors.size(), read.names().size());
            for (Map.Entry<String, View> tensor : tensors.entrySet()) {
                View back = read.view(tensor.getKey());
                assertEquals(tensor.getValue().dtype(), back.dtype());
                assertArrayEquals(tensor.getValue().shape(), back.shape());
                assertArrayEquals(SampleViews.bits(tensor.getValue()), SampleViews.bits(back), tensor.getKey());
                assertTrue(back.storage().segment().isReadOnly(), tensor.getKey() + " is not in place");
            }
        }
    }

    @Test
    void writesAViewIntoTheMiddleOfAStorage() throws IOException {
        View whole = SampleViews.floats(new long[] {6}, 0, 1, 2, 3, 4, 5);
        View middle = new View(whole.storage(), DType.FLOAT32, 2, new long[] {3}, new long[] {1});
        View repeated = new View(whole.storage(), DType.FLOAT32, 5, new long[] {2, 2}, new long[] {0, 0});
        SequencedMap<String, View> tensors = new LinkedHashMap<>(Map.of("middle", middle, "repeated", repeated));
        Path file = folder.resolve("m.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertArrayEquals(new double[] {2, 3, 4}, SampleViews.values(read.view("middle")));
            assertArrayEquals(new double[] {5, 5, 5, 5}, SampleViews.values(read.view("repeated")));
        }
    }

    @Test
    void refusesNamesThatTheFormatCannotSay() {
        View view = SampleViews.floats(new long[] {1}, 1);
        for (String name : List.of("__metadata__", "\ud800")) {
            SequencedMap<String, View> tensors = new LinkedHashMap<>(Map.of(name, view));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> SafetensorsWriter.write(folder.resolve("m.safetensors"), tensors, Map.of()));
        }
        assertEquals(0, folder.toFile().list().length);
    }

    @Test
    void aFullDeviceIsAnIoException() throws IOException {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.isWritable(full), "no /dev/full on this machine");
        SequencedMap<String, View> tensors =
                new LinkedHashMap<>(Map.of("w", SampleViews.random(DType.FLOAT32, 1, 1000)));
        try (FileChannel channel = FileChannel.open(full, StandardOpenOption.WRITE)) {
            assertThrows(IOException.class, () -> SafetensorsWriter.write(channel, tensors, Map.of()));
        }
    }

    @Test
    void aDiskThatFillsAtAnyByteLeavesTheOldFile() throws IOException {
        SequencedMap<String, View> old = new LinkedHashMap<>(Map.of("w", SampleViews.floats(new long[] {1}, 42)));
        SequencedMap<String, View> larger =
                new LinkedHashMap<>(Map.of("w", SampleViews.transposed(SampleViews.random(DType.FLOAT32, 1, 7, 11))));
        Path file = folder.resolve("m.safetensors");
        SafetensorsWriter.write(file, old, Map.of());
        byte[] before = Files.readAllBytes(file);
        for (int capacity : new int[] {0, 1, 8, 71, 72, 73, 200}) {
            assertThrows(
                    IOException.class,
                    () -> AtomicFiles.write(
                            file,
                            channel -> SafetensorsWriter.write(new Filling(channel, capacity), larger, Map.of())));
            assertArrayEquals(before, Files.readAllBytes(file));
            assertEquals(1, folder.toFile().list().length);
        }
    }

    /// A channel on a device with room for so many bytes; takes part of what does not fit whole, as devices do.
    private static final class Filling implements WritableByteChannel {
        private final WritableByteChannel channel;
        private int room;

        private Filling(WritableByteChannel channel, int room) {
            this.channel = channel;
            this.room = room;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (room == 0) {
                throw new IOException("No space left on device");
            }
            int count = Math.min(room, source.remaining());
            channel.write(source.slice(source.position(), count));
            source.position(source.position() + count);
            room -= count;
            return count;
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
