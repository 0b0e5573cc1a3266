package org.lehr.engine.optim.average;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.OptimizerSpec;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

final class GraftTest {

    private static final Map<String, Tensor> BEFORE = Map.of("weight", Tensor.of(new float[] {1, 2, 3, 4}, 1, 4));
    private static final Map<String, Tensor> AFTER = Map.of("weight", Tensor.of(new float[] {1.5f, 2, 0, 5}, 1, 4));

    private static Linear model() {
        return new Linear(4, 1, false, new RandomStream(1));
    }

    private static boolean[] mask(Region region) {
        return region.masks().get("weight");
    }

    @Test
    void aRegionHoldsWhatMovedMost() {
        Region half = Region.mostMoved(BEFORE, AFTER, 0.5);
        assertArrayEquals(new boolean[] {false, false, true, true}, mask(half));
        assertEquals(2, half.size());
        assertEquals(0.5, half.share());
        assertArrayEquals(
                new float[] {1, 2, 0, 5},
                half.graft(BEFORE, AFTER).get("weight").toFloatArray());
        Region quarter = Region.mostMoved(BEFORE, AFTER, 0.25);
        assertEquals(0.5, half.overlap(quarter));
        assertArrayEquals(mask(half), mask(half.union(quarter)));
        assertEquals(0, Region.mostMoved(BEFORE, AFTER, 0).overlap(half));
        assertArrayEquals(
                AFTER.get("weight").toFloatArray(),
                Region.mostMoved(BEFORE, AFTER, 1)
                        .graft(BEFORE, AFTER)
                        .get("weight")
                        .toFloatArray());
    }

    @Test
    void badRegionsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Region.mostMoved(BEFORE, AFTER, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Region.mostMoved(BEFORE, Map.of(), 0.5));
        Map<String, Tensor> broken = Map.of("weight", Tensor.of(new float[] {1, Float.NaN, 3, 4}, 1, 4));
        String message = assertThrows(IllegalArgumentException.class, () -> Region.mostMoved(BEFORE, broken, 0.5))
                .getMessage();
        assertTrue(message.contains("NaN"), message);
        Region region = Region.mostMoved(BEFORE, AFTER, 0.5);
        Map<String, Tensor> other = Map.of("weight", Tensor.of(new float[] {1, 2}, 2));
        assertThrows(IllegalArgumentException.class, () -> region.graft(other, other));
        assertThrows(IllegalArgumentException.class, () -> region.union(Region.mostMoved(other, other, 0)));
        assertThrows(IllegalArgumentException.class, () -> new Graft(model(), BEFORE, AFTER, region, 0));
    }

    @Test
    void valuesAreMixedByTheScores() {
        Linear model = model();
        Graft graft = new Graft(model, BEFORE, AFTER, Region.mostMoved(BEFORE, AFTER, 0.5), -2);
        double leave = 1 / (1 + Math.exp(2));
        double[] gamma = {leave, leave, 1 - leave, 1 - leave};
        float[] from = BEFORE.get("weight").toFloatArray();
        float[] to = AFTER.get("weight").toFloatArray();
        double expected = 0;
        for (int i = 0; i < gamma.length; i++) {
            expected += from[i] + gamma[i] * (to[i] - from[i]);
        }
        Tensor ones = Tensor.of(new float[] {1, 1, 1, 1}, 1, 4);
        assertEquals(expected, graft.call(() -> model.apply(ones)).item(), 1e-5);
        assertArrayEquals(new boolean[] {false, false, true, true}, mask(graft.region()));
    }

    @Test
    void gradientsReachTheScores() {
        Linear model = model();
        Map<String, Tensor> before = Map.of("weight", BEFORE.get("weight").to(DType.FLOAT64));
        Map<String, Tensor> after = Map.of("weight", AFTER.get("weight").to(DType.FLOAT64));
        Graft graft = new Graft(model, before, after, Region.mostMoved(before, after, 0.5), -1);
        LayerGradient.check(graft, x -> graft.call(() -> model.apply(x[0])), LayerGradient.normal(3, 4));
    }

    @Test
    void theSearchFindsTheWeightOfATask() {
        // The task wants the first weight as it is after, and the last as it was before.
        Linear model = model();
        float[] own = model.weight().own().toFloatArray();
        Graft graft = new Graft(model, BEFORE, AFTER, Region.mostMoved(BEFORE, AFTER, 0.25), -1);
        Map<String, Tensor> later = Map.of("weight", Tensor.of(new float[] {1.5f, 2, 3, 4}, 1, 4));
        Tensor x = new RandomStream(2).normal(DType.FLOAT32, 64, 4);
        Tensor wanted = x.matmul(later.get("weight").transpose(0, 1));
        Supplier<Tensor> loss = () -> model.apply(x).sub(wanted).square().mean();
        Optimizer adam = OptimizerSpec.parse("adam:rate=0.1", Map.of()).over(List.of(ParameterGroup.all(graft)));
        for (int step = 0; step < 100; step++) {
            try (var _ = Scope.open()) {
                adam.clearGradients();
                graft.call(loss).backward();
                adam.step();
            }
        }
        assertArrayEquals(
                later.get("weight").toFloatArray(),
                graft.region().graft(BEFORE, AFTER).get("weight").toFloatArray());
        assertArrayEquals(own, model.weight().own().toFloatArray());
    }
}
