package org.lehr.engine.nn.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SequencedMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.ScaledGroups;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

class LayerwiseRatesTest {

    private static final RandomStream RANDOM = new RandomStream(1);

    /// An embedding, two blocks and a head, under usual names.
    private static final class Model extends Module {
        Model() {
            child("embedding", new Linear(2, 3, true, RANDOM.split("e")));
            children("layers", List.of(block(0), block(1)));
            child("norm", new Linear(3, 3, true, RANDOM.split("n")));
            child("head", new Linear(3, 2, false, RANDOM.split("h")));
        }

        private static Layer block(int i) {
            return new Sequential(new Linear(3, 3, true, RANDOM.split(i)), Sequential.of(Tensor::relu));
        }
    }

    @Test
    void depthsFollowTheNumbersOfLayers() {
        SequencedMap<String, Integer> depths = LayerwiseRates.depths(new Model());
        assertEquals(0, depths.get("embedding.weight"));
        assertEquals(1, depths.get("layers.0.0.weight"));
        assertEquals(2, depths.get("layers.1.0.bias"));
        assertEquals(3, depths.get("norm.weight"));
        assertEquals(3, depths.get("head.weight"));
        Layer plain = new Sequential(
                new Linear(2, 3, true, RANDOM), Sequential.of(Tensor::relu), new Linear(3, 2, true, RANDOM));
        assertEquals(
                new TreeSet<>(List.of(0, 1)),
                new TreeSet<>(LayerwiseRates.depths(plain).values()));
    }

    @Test
    void ratesFallTowardsTheInput() {
        Module model = new Model();
        List<ParameterGroup> groups = ScaledGroups.of(model, LayerwiseRates.factors(model, 0.5));
        double[] expected = {0.125, 0.125, 0.25, 0.25, 0.5, 0.5, 1, 1};
        assertEquals(expected.length, groups.size());
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], groups.get(i).rateFactor());
            assertEquals(i % 2 == 0 ? 1 : 0, groups.get(i).weightDecayFactor());
        }
        assertTrue(LayerwiseRates.factors(model, 1).values().stream().allMatch(f -> f == 1));
    }

    @Test
    void whatHasNoLayersIsRefused() {
        Linear single = new Linear(2, 3, true, RANDOM);
        assertThrows(IllegalArgumentException.class, () -> LayerwiseRates.depths(single));
        for (double decay : new double[] {0, 1.1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> LayerwiseRates.factors(new Model(), decay));
        }
    }
}
