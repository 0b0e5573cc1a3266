package org.lehr.engine.nn.scaling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.vision.DenseNetwork;
import org.lehr.engine.optim.Adam;
import org.lehr.engine.optim.AdamFamily;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.ScaledGroups;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class MaximalUpdateTest {

    private static final RandomStream RANDOM = new RandomStream(5);

    private static DenseNetwork network(long width) {
        return new DenseNetwork(List.of(6L, width, width, 3L), Activation.RELU, 0, RANDOM.split(width));
    }

    @Test
    void factorsFollowWhatGrows() {
        MaximalUpdate scaling = new MaximalUpdate(network(64), network(16));
        Map<String, Double> adam = scaling.rateFactors(MaximalUpdate.Steps.NORMALIZED);
        assertEquals(1, adam.get("layers.0.weight"));
        assertEquals(0.25, adam.get("layers.1.weight"));
        assertEquals(0.25, adam.get("layers.2.weight"));
        assertEquals(1, adam.get("layers.1.bias"));
        Map<String, Double> sgd = scaling.rateFactors(MaximalUpdate.Steps.PROPORTIONAL);
        assertEquals(4, sgd.get("layers.0.weight"));
        assertEquals(1, sgd.get("layers.1.weight"));
        assertEquals(0.25, sgd.get("layers.2.weight"));
        assertEquals(4, sgd.get("layers.1.bias"));
    }

    @Test
    void onlyTheOutputIsRescaled() {
        DenseNetwork model = network(64);
        float[] hidden = model.parameters().get("layers.1.weight").own().toFloatArray();
        Tensor expected =
                model.parameters().get("layers.2.weight").own().detach().mul(0.5);
        new MaximalUpdate(model, network(16)).rescale();
        assertArrayEquals(
                hidden, model.parameters().get("layers.1.weight").own().toFloatArray());
        assertArrayEquals(
                expected.toFloatArray(),
                model.parameters().get("layers.2.weight").own().toFloatArray());
    }

    /// After a step of Adam the outputs of wide networks have moved as far as those of narrow ones; without the
    /// scaling
    /// they move further and further.
    @Test
    void outputsMoveAlikeAtEveryWidth() {
        double narrow = movement(256, true);
        double wide = movement(1024, true);
        assertTrue(wide < 1.6 * narrow && wide > narrow / 1.6, narrow + " and " + wide);
        double unscaled = movement(1024, false);
        assertTrue(unscaled > 4 * wide, unscaled + " without scaling, " + wide + " with");
    }

    private static double movement(long width, boolean scaled) {
        DenseNetwork model = network(width);
        List<ParameterGroup> groups = List.of(ParameterGroup.all(model));
        if (scaled) {
            MaximalUpdate scaling = new MaximalUpdate(model, network(16));
            scaling.rescale();
            groups = ScaledGroups.of(model, scaling.rateFactors(MaximalUpdate.Steps.NORMALIZED));
        }
        AdamFamily.Form form = new AdamFamily.Form(
                new Constant(0.003), new Constant(0.9), new Constant(0.999), 1e-12, new Constant(0), false);
        Adam adam = new Adam(groups, form);
        Tensor x = RANDOM.split("x").normal(DType.FLOAT32, 16, 6);
        Tensor goal = RANDOM.split("goal").normal(DType.FLOAT32, 16, 3);
        Tensor before = model.apply(x).detach();
        model.apply(x).sub(goal).square().mean().backward();
        adam.step();
        return Math.sqrt(model.apply(x).sub(before).square().mean().item());
    }

    @Test
    void differentModelsAreRefused() {
        Linear linear = new Linear(3, 2, true, RANDOM);
        assertThrows(IllegalArgumentException.class, () -> new MaximalUpdate(linear, network(16)));
        assertThrows(IllegalArgumentException.class, () -> ScaledGroups.of(linear, Map.of("weight", 1.0)));
    }
}
