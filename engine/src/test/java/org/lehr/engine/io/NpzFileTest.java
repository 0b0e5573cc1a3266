package org.lehr.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

final class NpzFileTest {

    @TempDir
    private Path folder;

    private Path file;

    private final SequencedMap<String, View> arrays = new LinkedHashMap<>();

    @BeforeEach
    void fill() {
        file = folder.resolve("a.npz");
        arrays.put("zeros", SampleViews.floats(new long[] {40, 50}, new float[2000]));
        arrays.put("layer.0/weight", SampleViews.random(DType.FLOAT64, 5, 3, 7));
        arrays.put("größe", SampleViews.random(DType.INT64, 6));
        arrays.put("empty", SampleViews.random(DType.BOOL, 6, 0, 2));
    }

    @Test
    void comesBackInOrder() throws IOException {
        for (boolean compressed : new boolean[] {false, true}) {
            if (compressed) {
                NpzFile.writeCompressed(file, arrays);
                assertTrue(Files.size(file) < 2000, "size " + Files.size(file));
            } else {
                NpzFile.write(file, arrays);
            }
            try (TensorSource source = TensorSource.open(file)) {
                assertEquals(List.copyOf(arrays.keySet()), List.copyOf(source.names()));
                assertEquals(Map.of(), source.metadata());
                assertEquals(
                        "layer.0/weight <f8[3, 7]",
                        source.info("layer.0/weight").toString());
                for (Map.Entry<String, View> array : arrays.entrySet()) {
                    View back = source.view(array.getKey());
                    assertEquals(array.getValue().dtype(), back.dtype());
                    assertArrayEquals(array.getValue().shape(), back.shape());
                    assertArrayEquals(SampleViews.bits(array.getValue()), SampleViews.bits(back));
                }
                assertThrows(IllegalArgumentException.class, () -> source.view("absent"));
            }
        }
    }

    @Test
    void theSameArraysGiveTheSameBytes() throws IOException {
        NpzFile.write(file, arrays);
        byte[] first = Files.readAllBytes(file);
        NpzFile.write(file, arrays);
        assertArrayEquals(first, Files.readAllBytes(file));
    }

    @Test
    void readsWhatNumPyWrites() throws IOException, InterruptedException {
        NumPy.run(folder, """
            np.savez('stored', a=np.arange(6.).reshape(2, 3), b=np.array([True, False]))
            np.savez_compressed('deflated', a=np.arange(6.).reshape(2, 3), b=np.array([True, False]))
            """);
        for (String name : List.of("stored.npz", "deflated.npz")) {
            try (NpzFile npz = NpzFile.open(folder.resolve(name))) {
                assertEquals(List.of("a", "b"), List.copyOf(npz.names()));
                assertArrayEquals(new double[] {0, 1, 2, 3, 4, 5}, SampleViews.values(npz.view("a")));
                assertArrayEquals(new double[] {1, 0}, SampleViews.values(npz.view("b")));
            }
        }
    }

    @Test
    void numPyReadsWhatIsWritten() throws IOException, InterruptedException {
        for (boolean compressed : new boolean[] {false, true}) {
            if (compressed) {
                NpzFile.writeCompressed(file, arrays);
            } else {
                NpzFile.write(file, arrays);
            }
            assertEquals(
                    "None\nzeros (40, 50) float32\nlayer.0/weight (3, 7) float64\ngröße () int64\nempty (0, 2) bool",
                    NumPy.run(folder, """
                        sys.stdout.reconfigure(encoding='utf-8')
                        print(zipfile.ZipFile('a.npz').testzip())
                        for name, a in np.load('a.npz').items(): print(name, a.shape, a.dtype)
                        """));
        }
    }

    @Test
    void refusesDamage() throws IOException {
        Files.writeString(file, "no archive at all");
        assertThrows(FormatException.class, () -> NpzFile.open(file).close());
        zip("readme.txt", "x".getBytes(StandardCharsets.UTF_8));
        var error = assertThrows(FormatException.class, () -> NpzFile.open(file).close());
        assertEquals(file + ": entry \"readme.txt\": expected a name that ends in .npy", error.getMessage());
        zip("a.npy", "{}".getBytes(StandardCharsets.UTF_8));
        error = assertThrows(FormatException.class, () -> NpzFile.open(file).close());
        assertTrue(error.getMessage().contains("entry \"a.npy\": no npy magic"), error.getMessage());
    }

    @Test
    void refusesAnEntryThatPromisesMoreThanItHolds() throws IOException {
        byte[] header = NpyHeader.write(DType.FLOAT32, new long[] {1L << 40});
        zip("bomb.npy", header);
        try (NpzFile npz = NpzFile.open(file)) {
            var error = assertThrows(FormatException.class, () -> npz.view("bomb"));
            assertTrue(error.getMessage().contains("takes 4398046511104 bytes: expected at most"), error.getMessage());
        }
    }

    @Test
    void aFlippedBitIsRefusedOrChangesNothing() throws IOException {
        SequencedMap<String, View> one = new LinkedHashMap<>(Map.of("w", SampleViews.random(DType.FLOAT32, 1, 31)));
        long[] expected = SampleViews.bits(one.get("w"));
        for (boolean compressed : new boolean[] {false, true}) {
            if (compressed) {
                NpzFile.writeCompressed(file, one);
            } else {
                NpzFile.write(file, one);
            }
            byte[] whole = Files.readAllBytes(file);
            int refused = 0;
            for (int at = 0; at < whole.length; at++) {
                byte[] damaged = whole.clone();
                damaged[at] ^= 0x20;
                Files.write(file, damaged);
                try (NpzFile npz = NpzFile.open(file)) {
                    for (String name : npz.names()) {
                        assertArrayEquals(expected, SampleViews.bits(npz.view(name)), "byte " + at);
                    }
                } catch (IOException damage) {
                    refused++;
                }
            }
            assertTrue(refused > whole.length / 2, refused + " of " + whole.length + " refused");
        }
    }

    private void zip(String name, byte[] content) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
            zip.closeEntry();
        }
    }
}
