package org.lehr.engine.nn.moe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.io.FormatException;
import org.lehr.engine.io.SafetensorsWriter;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.moe.MixtureOfExperts.Form;
import org.lehr.engine.tensor.Tensor;

final class RoutingTraceTest {

    private static MixtureOfExperts layer() {
        return Routes.wide(new MixtureOfExperts(
                Form.dropless(new Experts.Form(3, 5, Activation.SILU, true)),
                Routes.softmax(3, 6, TopK.of(2)),
                List.of(),
                Routes.WEIGHT,
                Routes.WEIGHT,
                Routes.random(11)));
    }

    private static Tensor x(long seed) {
        return Routes.normal(seed, 2, 5, 3);
    }

    @Test
    void replayGivesTheSameBits() {
        MixtureOfExperts layer = layer();
        RoutingTrace trace = new RoutingTrace();
        double[] first;
        double[] second;
        try (var _ = trace.record(layer)) {
            first = layer.apply(x(1)).toDoubleArray();
            second = layer.apply(x(2)).toDoubleArray();
        }
        try (var _ = trace.replay(layer)) {
            assertArrayEquals(first, layer.apply(x(1)).toDoubleArray());
            assertArrayEquals(second, layer.apply(x(2)).toDoubleArray());
            assertThrows(IllegalStateException.class, () -> layer.apply(x(1)));
        }
        assertArrayEquals(first, layer.apply(x(1)).toDoubleArray());
    }

    @Test
    void replayChoosesAsRecordedWhateverTheRouterSays() {
        MixtureOfExperts layer = layer();
        RoutingTrace before = new RoutingTrace();
        try (var _ = before.record(layer)) {
            layer.apply(x(1));
        }
        layer.parameters().get("gate.weight").set(Routes.normal(77, 6, 3));
        double[] free = layer.apply(x(1)).toDoubleArray();
        RoutingTrace again = new RoutingTrace();
        try (var _ = before.replay(layer);
                var _ = again.record(layer)) {
            assertFalse(Arrays.equals(free, layer.apply(x(1)).toDoubleArray()));
        }
        assertEquals(0, RoutingTrace.fluctuation(before, again));
    }

    @Test
    void fluctuationCountsTokensWithOtherExperts() {
        MixtureOfExperts layer = layer();
        RoutingTrace before = traced(layer, 0, 1, 2, 3, 4, 5, 0, 2);
        assertEquals(0, RoutingTrace.fluctuation(before, traced(layer, 1, 0, 3, 2, 5, 4, 2, 0)));
        assertEquals(0.5, RoutingTrace.fluctuation(before, traced(layer, 0, 1, 2, 4, 4, 5, 0, 1)));
        assertEquals(List.of("gate"), List.copyOf(before.choices().keySet()));
        assertThrows(IllegalArgumentException.class, () -> RoutingTrace.fluctuation(before, traced(layer, 0, 1, 2, 3)));
        assertThrows(IllegalArgumentException.class, () -> RoutingTrace.fluctuation(before, new RoutingTrace()));
        assertThrows(IllegalArgumentException.class, () -> new RoutingTrace().replay(layer));
    }

    @Test
    void aFileHoldsTheTrace(@TempDir Path folder) throws IOException {
        MixtureOfExperts layer = layer();
        RoutingTrace trace = new RoutingTrace();
        Path file = folder.resolve("routing.safetensors");
        RoutingTraceFile.write(trace, file);
        assertEquals(0, RoutingTraceFile.read(file).choices().size());
        try (var _ = trace.recordTraining(layer)) {
            layer.apply(x(1));
            layer.train(false);
            layer.apply(x(2));
            layer.train(true);
            layer.apply(x(3));
        }
        RoutingTraceFile.write(trace, file);
        RoutingTrace read = RoutingTraceFile.read(file);
        assertEquals(2, read.choices().get("gate").size());
        assertEquals(0, RoutingTrace.fluctuation(trace, read));
        double[] first = layer.apply(x(1)).toDoubleArray();
        layer.parameters().get("gate.weight").set(Routes.normal(77, 6, 3));
        assertFalse(Arrays.equals(first, layer.apply(x(1)).toDoubleArray()));
        double[] free = layer.apply(x(1)).toDoubleArray();
        try (var _ = read.replay(layer)) {
            assertFalse(Arrays.equals(free, layer.apply(x(1)).toDoubleArray()));
        }
        SafetensorsWriter.write(
                file, new LinkedHashMap<>(Map.of("a/0", Tensor.zeros(2, 2, 2).view())), Map.of());
        assertThrows(FormatException.class, () -> RoutingTraceFile.read(file));
    }

    /// What is recorded when the tokens have these pairs of experts.
    private static RoutingTrace traced(MixtureOfExperts layer, long... pairs) {
        long tokens = pairs.length / 2;
        RoutingTrace trace = new RoutingTrace();
        try (var _ = layer.router().onSelection(_ -> Tensor.of(pairs, 1, tokens, 2));
                var _ = trace.record(layer)) {
            layer.apply(Routes.normal(1, 1, tokens, 3));
        }
        return trace;
    }
}
