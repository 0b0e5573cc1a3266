package org.lehr.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Updates during the backward pass beside updates after it.
class InBackwardTest {

    private static Optimizer over(String text, Fixture.Net net) {
        return OptimizerSpec.parse(text, Map.of())
                .over(List.of(
                        ParameterGroup.where(net.model(), (_, p) -> p.decays()),
                        ParameterGroup.where(net.model(), (_, p) -> !p.decays())
                                .withRateFactor(0.5)
                                .withWeightDecayFactor(0)));
    }

    private static void arrivingStep(Optimizer optimizer, Fixture.Net net) {
        Map<Tensor, Parameter> parameters = new IdentityHashMap<>();
        net.model().parameters().values().forEach(p -> parameters.put(p.own(), p));
        try (var _ = Scope.open()) {
            Autograd.backward(net.loss().get(), leaf -> {
                long held = parameters.values().stream()
                        .filter(p -> p.gradient() != null)
                        .count();
                assertEquals(1, held, "gradients at the same time");
                optimizer.arrived(parameters.get(leaf));
            });
        }
        optimizer.step();
        parameters.values().forEach(p -> assertNull(p.gradient()));
    }

    private static void assertSameState(Optimizer expected, Optimizer actual) {
        assertEquals(expected.state().keySet(), actual.state().keySet());
        expected.state()
                .forEach((path, tensor) -> assertArrayEquals(
                        tensor.toDoubleArray(), actual.state().get(path).toDoubleArray(), path));
    }

    private static void assertSameValues(Fixture.Net expected, Fixture.Net actual) {
        expected.model()
                .parameters()
                .forEach((path, p) -> assertArrayEquals(
                        p.own().toFloatArray(),
                        actual.model().parameters().get(path).own().toFloatArray(),
                        path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "adamw:rate=0.01,weight-decay=0.1",
                "sgd:rate=0.1,momentum=0.9",
                "lion:rate=0.001,weight-decay=0.1",
                "lamb:rate=0.01",
                "galore:rank=2,every=2+adam:rate=0.01",
                "clipvalue:limit=0.01+rmsprop",
                "ema:decay=0.9+adam:state=bfloat16",
                "lookahead:every=2+adam"
            })
    void hasTheBitsOfUpdatesAfterThePass(String text) {
        Fixture.Net after = Fixture.Net.of(3);
        Fixture.Net during = Fixture.Net.of(3);
        Optimizer ordinary = over(text, after);
        Optimizer arriving = over("inbackward+" + text, during);
        for (int step = 0; step < 5; step++) {
            assertEquals(ordinary.rate(), arriving.rate());
            ordinary.clearGradients();
            Fixture.step(ordinary, after.loss());
            arrivingStep(arriving, during);
        }
        assertEquals(5, arriving.steps());
        assertEquals(ordinary.stateBytes(), arriving.stateBytes());
        assertSameState(ordinary, arriving);
        assertSameValues(after, during);
        ordinary.evaluating(() -> arriving.evaluating(() -> {
            assertSameValues(after, during);
            return null;
        }));
        assertSameValues(after, during);
    }

    @Test
    void parametersThatComeLaterBeginAsTheyDoElsewhere() {
        Optimizer[] both = new Optimizer[2];
        Parameter[] later = new Parameter[2];
        for (int i = 0; i < 2; i++) {
            Parameter first = Fixture.parameter(DType.FLOAT32, 1, 2);
            later[i] = Fixture.parameter(DType.FLOAT32, 3, 4);
            both[i] = OptimizerSpec.parse((i == 0 ? "" : "inbackward+") + "adam:rate=0.1", Map.of())
                    .over(List.of(Fixture.group(first)));
            Fixture.step(both[i], Fixture.parabola(List.of(first), 0));
            both[i].add(new ParameterGroup(new LinkedHashMap<>(Map.of("later", later[i])), 1, 1));
            both[i].clearGradients();
            Fixture.step(both[i], Fixture.parabola(List.of(first, later[i]), 0, 1));
        }
        assertArrayEquals(later[0].own().toFloatArray(), later[1].own().toFloatArray());
        assertSameState(both[0], both[1]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"clipnorm+adam", "prodigy", "sam+adam", "lbfgs", "accumulate+adam", "zerothorder", "upgd"})
    void whatLooksAtMoreThanOneParameterIsRefused(String text) {
        Fixture.Net net = Fixture.Net.of(3);
        String refusal = assertThrows(IllegalArgumentException.class, () -> over("inbackward+" + text, net))
                .getMessage();
        assertTrue(refusal.contains("one parameter alone"), refusal);
    }

    @Test
    void gradientsOfStrangersAndSecondPassesAreRefused() {
        Fixture.Net net = Fixture.Net.of(3);
        Optimizer optimizer = over("inbackward+adam", net);
        Parameter stranger = Fixture.parameter(DType.FLOAT32, 1, 2);
        assertThrows(IllegalArgumentException.class, () -> optimizer.arrived(stranger));
        Parameter own = net.model().parameters().firstEntry().getValue();
        own.own().setGradient(own.own().detach().fullLike(1));
        optimizer.arrived(own);
        assertThrows(IllegalStateException.class, () -> optimizer.arrived(own));
        assertThrows(
                UnsupportedOperationException.class, () -> over("adam", net).arrived(own));
    }
}
