package org.lehr.engine.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.engine.tensor.op.StableMax;
import org.lehr.kernels.DType;

final class SoftmaxCollapseTest {

    private static final Tensor LABELS = Tensor.of(new long[] {0, 0, 1, 0}, 4);

    /// Margins 10, 16, 18 and 100.
    private static Tensor scores(DType dtype) {
        return Tensor.of(new double[] {10, 0, 16, 0, 0, 18, 100, 0}, 4, 2).to(dtype);
    }

    @Test
    void rowsCollapseFromAMarginOfSeventeenOn() {
        assertEquals(0.5, SoftmaxCollapse.share(scores(DType.FLOAT32), LABELS));
        assertEquals(0.25, SoftmaxCollapse.share(scores(DType.FLOAT64), LABELS));
    }

    @Test
    void whatCollapsedTeachesNothingWhereStableMaxStillDoes() {
        Parameter scores =
                new Parameter(Tensor.of(new double[] {1e4, 0, 0, 1e4}, 2, 2).to(DType.FLOAT32));
        Tensor labels = Tensor.of(new long[] {0, 1}, 2);
        assertEquals(1, SoftmaxCollapse.share(scores.own(), labels));
        CrossEntropy.crossEntropy(scores.value(), labels).backward();
        assertEquals(0, Norms.two(scores.gradient()));
        scores.clearGradient();
        StableMax.crossEntropy(scores.value(), labels).backward();
        assertTrue(Norms.two(scores.gradient()) > 1e-9);
    }

    @Test
    void directionsAreCosines() {
        RandomStream random = new RandomStream(4);
        Tensor weights = random.normal(DType.FLOAT64, 5, 3);
        assertEquals(1, SoftmaxCollapse.alongWeights(weights.mul(-0.3), weights), 1e-12);
        assertEquals(-1, SoftmaxCollapse.alongWeights(weights.mul(2), weights), 1e-12);
        assertEquals(0, SoftmaxCollapse.alongWeights(weights.mul(0), weights));
        assertEquals(
                0,
                SoftmaxCollapse.alongWeights(Tensor.of(new double[] {1, 1}), Tensor.of(new double[] {1, -1})),
                1e-12);
    }

    @Test
    void refusalsNameTheShapes() {
        Tensor wrong = Tensor.of(new long[] {0, 1}, 2);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> SoftmaxCollapse.share(scores(DType.FLOAT32), wrong))
                .getMessage();
        assertTrue(message.contains("[4, 2]") && message.contains("[2]"), message);
    }
}
