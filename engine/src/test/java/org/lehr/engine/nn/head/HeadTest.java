package org.lehr.engine.nn.head;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class HeadTest {

    private static final RandomStream RANDOM = new RandomStream(5);

    private static void step(GrowableHead head, AdamW optimizer, Tensor x) {
        head.apply(x).square().sum().backward();
        optimizer.step();
        optimizer.clearGradients();
    }

    @Test
    void newClassesLeaveTheOldLogits() {
        GrowableHead head = new GrowableHead(3, true, RANDOM);
        head.grow(2);
        Tensor x = LayerGradient.normal(4, 3).to(DType.FLOAT32);
        float[] before = head.apply(x).toFloatArray();
        head.grow(3);
        assertEquals(5, head.classes());
        assertEquals(List.of(2L, 3L), head.parts());
        assertArrayEquals(before, head.apply(x).slice(1, 0, 2).toFloatArray());
        LayerGradient.check(head, 4, 3);
    }

    /// A class that came late takes the first step that it would have taken at the beginning.
    @Test
    void theOptimizerTreatsLateParametersAsNew() {
        Tensor x = LayerGradient.normal(4, 3).to(DType.FLOAT32);
        GrowableHead head = new GrowableHead(3, true, RANDOM);
        AdamW optimizer = new AdamW(List.of(new ParameterGroup(head.grow(2), 1, 1)), new Constant(0.01), 0);
        for (int i = 0; i < 7; i++) {
            step(head, optimizer, x);
        }
        optimizer.add(new ParameterGroup(head.grow(1), 1, 1));
        step(head, optimizer, x);
        GrowableHead fresh = new GrowableHead(3, true, RANDOM);
        fresh.grow(2);
        AdamW alone = new AdamW(List.of(new ParameterGroup(fresh.grow(1), 1, 1)), new Constant(0.01), 0);
        step(fresh, alone, x);
        assertArrayEquals(
                fresh.parameters().get("parts.1.weight").own().toFloatArray(),
                head.parameters().get("parts.1.weight").own().toFloatArray());
        assertNotEquals(
                0,
                optimizer.state().get("exp_avg/parts.1.weight").square().sum().item());
    }

    @Test
    void resumingKeepsWhenParametersCame() {
        Tensor x = LayerGradient.normal(4, 3).to(DType.FLOAT32);
        GrowableHead head = new GrowableHead(3, true, RANDOM);
        AdamW optimizer = new AdamW(List.of(new ParameterGroup(head.grow(2), 1, 1)), new Constant(0.01), 0);
        step(head, optimizer, x);
        optimizer.add(new ParameterGroup(head.grow(1), 1, 1));
        step(head, optimizer, x);
        GrowableHead again = new GrowableHead(3, true, new RandomStream(99));
        AdamW resumed = new AdamW(List.of(new ParameterGroup(again.grow(2), 1, 1)), new Constant(0.01), 0);
        resumed.add(new ParameterGroup(again.grow(1), 1, 1));
        again.load(head.state());
        resumed.load(optimizer.steps(), optimizer.state());
        step(head, optimizer, x);
        step(again, resumed, x);
        head.state()
                .forEach((path, value) -> assertArrayEquals(
                        value.toFloatArray(), again.state().get(path).toFloatArray(), path));
    }

    @Test
    void tasksHaveHeadsOfTheirOwn() {
        MultiHead heads = new MultiHead();
        assertEquals(
                List.of("heads.a.weight"),
                List.copyOf(heads.add("a", new Linear(3, 2, false, RANDOM)).keySet()));
        heads.add("b", new Linear(3, 4, false, RANDOM));
        Tensor x = LayerGradient.normal(2, 3).to(DType.FLOAT32);
        assertEquals(4, heads.apply(x, "b").extent(1));
        assertEquals(List.of("a", "b"), List.copyOf(heads.applyAll(x).keySet()));
        assertThrows(IllegalArgumentException.class, () -> heads.apply(x, "c"));
        assertThrows(IllegalArgumentException.class, () -> heads.add("a", new Linear(3, 2, false, RANDOM)));
    }

    @Test
    void cosinesDoNotDependOnLengths() {
        CosineLinear layer = new CosineLinear(3, 4, 10, RANDOM);
        Tensor x = LayerGradient.normal(2, 3).to(DType.FLOAT32);
        assertArrayEquals(layer.apply(x).toFloatArray(), layer.apply(x.mul(7)).toFloatArray(), 1e-5f);
        LayerGradient.check(layer, 2, 3);
    }

    @Test
    void badInputIsNamed() {
        GrowableHead head = new GrowableHead(3, true, RANDOM);
        assertThrows(IllegalStateException.class, () -> head.apply(Tensor.zeros(1, 3)));
        assertThrows(IllegalArgumentException.class, () -> head.grow(0));
        AdamW optimizer = new AdamW(List.of(new ParameterGroup(head.grow(2), 1, 1)), new Constant(0.01), 0);
        assertThrows(IllegalArgumentException.class, () -> optimizer.add(ParameterGroup.all(head)));
    }
}
