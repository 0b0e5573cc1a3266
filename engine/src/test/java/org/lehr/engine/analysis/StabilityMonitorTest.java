package org.lehr.engine.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Sgd;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

final class StabilityMonitorTest {

    private static final Tensor RATES = Tensor.of(new double[] {4, 1, 0.5});

    private static Tensor loss(Parameter x) {
        return x.value().square().mul(RATES).sum().mul(0.5);
    }

    private static StabilityMonitor monitor(Parameter x) {
        return new StabilityMonitor(new Curvature(() -> loss(x), List.of(x)), 5, 1, new RandomStream(3));
    }

    @Test
    void theEdgeIsWhereDescentOnAQuadraticTurnsUp() {
        for (double rate : new double[] {0.49, 0.51}) {
            Parameter x = new Parameter(Tensor.of(new double[] {1, 1, 1}));
            StabilityMonitor.Point point = monitor(x).look(0, rate);
            assertEquals(4, point.sharpness(), 1e-9);
            assertEquals(5.5, point.trace(), 1e-9);
            assertEquals(2 * rate, point.edge(), 1e-9);
            assertEquals(2.75 * rate, point.noisyEdge(), 1e-9);
            Sgd sgd = new Sgd(
                    List.of(new ParameterGroup(new java.util.LinkedHashMap<>(java.util.Map.of("x", x)), 1, 1)),
                    new Constant(rate),
                    0);
            for (int step = 0; step < 100; step++) {
                sgd.clearGradients();
                loss(x).backward();
                sgd.step();
            }
            assertEquals(point.edge() < 1, Math.abs(x.own().toDoubleArray()[0]) < 1);
        }
    }

    @Test
    void looksAreKeptAndRepeat() {
        Parameter x = new Parameter(Tensor.of(new double[] {1, 1, 1}));
        StabilityMonitor first = monitor(x);
        StabilityMonitor second = monitor(x);
        for (int step = 0; step < 3; step++) {
            assertEquals(first.look(step, 0.1), second.look(step, 0.1));
        }
        assertEquals(3, first.points().size());
        assertEquals(2, first.points().getLast().step());
    }

    @Test
    void refusalsNameTheValues() {
        Parameter x = new Parameter(Tensor.zeros(3));
        Curvature curvature = new Curvature(() -> loss(x), List.of(x));
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> new StabilityMonitor(curvature, 0, 7, new RandomStream(1)))
                .getMessage();
        assertTrue(message.contains("0 and 7"), message);
    }
}
