package org.lehr.engine.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;

final class WeightMotionTest {

    @Test
    void lengthsAnglesAndRatesAreThoseOfTheDefinition() {
        Parameter weights = new Parameter(Tensor.of(new double[] {3, 4}));
        WeightMotion motion = new WeightMotion(weights);
        assertEquals(new WeightMotion.Point(5, 0.5 / 25, 0), motion.look(0.5));
        weights.set(Tensor.of(new double[] {-8, 6}));
        WeightMotion.Point turned = motion.look(0.5);
        assertEquals(10, turned.norm(), 1e-12);
        assertEquals(0.005, turned.effective(), 1e-12);
        assertEquals(Math.PI / 2, turned.angle(), 1e-12);
        weights.set(Tensor.of(new double[] {-16, 12}));
        assertEquals(0, motion.look(1).angle(), 1e-7);
    }

    @Test
    void nothingTurnsWhereNothingIs() {
        Parameter weights = new Parameter(Tensor.zeros(3));
        WeightMotion motion = new WeightMotion(weights);
        motion.look(1);
        assertEquals(0, motion.look(1).angle());
        assertEquals(Double.POSITIVE_INFINITY, motion.look(1).effective());
    }
}
