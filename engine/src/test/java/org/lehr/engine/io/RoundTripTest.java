package org.lehr.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// Whatever is written comes back, bit for bit.
final class RoundTripTest {

    @Property(tries = 60)
    void safetensors(@ForAll("arrays") Map<String, View> arrays, @ForAll("texts") Map<String, String> metadata)
            throws IOException {
        Path file = Files.createTempFile("round-trip", ".safetensors");
        SafetensorsWriter.write(file, new LinkedHashMap<>(arrays), metadata);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertEquals(metadata, read.metadata());
            assertSame(arrays, read);
        } finally {
            Files.delete(file);
        }
    }

    @Property(tries = 60)
    void npz(@ForAll("arrays") Map<String, View> arrays, @ForAll boolean compressed) throws IOException {
        Path file = Files.createTempFile("round-trip", ".npz");
        SequencedMap<String, View> known = new LinkedHashMap<>(arrays);
        known.values().removeIf(view -> view.dtype() == DType.BFLOAT16);
        if (compressed) {
            NpzFile.writeCompressed(file, known);
        } else {
            NpzFile.write(file, known);
        }
        try (NpzFile read = NpzFile.open(file)) {
            assertSame(known, read);
        } finally {
            Files.delete(file);
        }
    }

    private static void assertSame(Map<String, View> expected, TensorSource source) throws IOException {
        assertEquals(expected.keySet(), source.names());
        for (Map.Entry<String, View> array : expected.entrySet()) {
            View back = source.view(array.getKey());
            assertEquals(array.getValue().dtype(), back.dtype());
            assertArrayEquals(array.getValue().shape(), back.shape());
            assertArrayEquals(SampleViews.bits(array.getValue()), SampleViews.bits(back));
        }
    }

    @Provide
    Arbitrary<Map<String, View>> arrays() {
        return Arbitraries.maps(names(), views()).ofMaxSize(5);
    }

    @Provide
    Arbitrary<Map<String, String>> texts() {
        return Arbitraries.maps(names(), names()).ofMaxSize(3);
    }

    private static Arbitrary<String> names() {
        return Arbitraries.strings()
                .withChars('a', 'Z', '.', '"', '\\', '\n', '\u0001', 'ß', '中')
                .ofMinLength(1)
                .ofMaxLength(12);
    }

    private static Arbitrary<View> views() {
        Arbitrary<List<Long>> shapes =
                Arbitraries.of(0L, 1L, 2L, 3L, 5L, 7L, 11L).list().ofMaxSize(4);
        return Combinators.combine(
                        Arbitraries.of(DType.class), shapes, Arbitraries.longs(), Arbitraries.of(true, false))
                .as((dtype, extents, seed, transpose) -> {
                    long[] shape = extents.stream().mapToLong(Long::longValue).toArray();
                    View view = SampleViews.random(dtype, seed, shape);
                    return transpose && shape.length == 2 ? SampleViews.transposed(view) : view;
                });
    }
}
