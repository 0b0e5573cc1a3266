package org.lehr.engine.nn.kan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.Adam;
import org.lehr.engine.optim.AdamFamily;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Sin;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

final class KanTest {

    private static final RandomStream RANDOM = new RandomStream(8);

    private static Tensor inside(long rows, long columns) {
        return RANDOM.uniform(DType.FLOAT64, rows, columns).mul(1.8).sub(0.9);
    }

    @Test
    void splinesAddUpToOneInsideTheRange() {
        SplineBasis basis = new SplineBasis(3);
        Tensor knots = Tensor.of(basis.knots(-1, -0.3, 0.5, 1)).unsqueeze(0);
        Tensor values = basis.of(inside(50, 1), knots);
        assertEquals(6, values.extent(2));
        double[] ones = new double[50];
        Arrays.fill(ones, 1);
        assertArrayEquals(ones, values.sum(2).reshape(50).toDoubleArray(), 1e-12);
    }

    @Test
    void gradients() {
        KanLinear layer = new KanLinear(KanLinear.Form.of(2, 3), RANDOM);
        LayerGradient.check(layer, x -> layer.apply(x[0]), inside(4, 2));
        LayerGradient.check(new RationalMlp(4, 6, 2, RANDOM), 3, 4);
    }

    @Test
    void finerKnotsKeepTheCurves() {
        KanLinear layer = new KanLinear(KanLinear.Form.of(2, 3), RANDOM);
        Tensor samples = inside(200, 2).to(DType.FLOAT32);
        // Even knots that contain the old ones span the old curves up to the margin beyond the samples.
        KanLinear finer = layer.refined(samples, 40, 1);
        assertArrayEquals(
                layer.apply(samples).toFloatArray(), finer.apply(samples).toFloatArray(), 1e-4f);
    }

    @Test
    void fitsAProductOfFunctionsBetterWithFinerKnots() {
        Tensor x = RANDOM.uniform(DType.FLOAT32, 500, 2).mul(2).sub(1);
        Tensor first = x.slice(1, 0, 1).mul(Math.PI);
        Tensor y = Sin.sin(first).add(x.slice(1, 1, 2).square()).exp();
        KanLinear inner = new KanLinear(KanLinear.Form.of(2, 5), RANDOM);
        KanLinear outer = new KanLinear(new KanLinear.Form(5, 1, 5, 3, -2, 2), RANDOM);
        double coarse = train(inner, outer, x, y);
        KanLinear finer = inner.refined(x, 12, 0.02);
        double fine = train(finer, outer.refined(finer.apply(x).detach(), 12, 0.02), x, y);
        assertTrue(fine < 0.5 * coarse && fine < 0.03, coarse + " → " + fine);
    }

    private static double train(KanLinear inner, KanLinear outer, Tensor x, Tensor y) {
        Sequential model = new Sequential(inner, outer);
        AdamFamily.Form form = new AdamFamily.Form(
                new Cosine(0.02, 0, 400), new Constant(0.9), new Constant(0.999), 1e-8, new Constant(0), false);
        Adam adam = new Adam(List.of(ParameterGroup.all(model)), form);
        double loss = Double.NaN;
        for (int step = 0; step < 400; step++) {
            try (var _ = Scope.open()) {
                Tensor error = model.apply(x).sub(y).square().mean();
                error.backward();
                adam.step();
                adam.clearGradients();
                loss = error.item();
            }
        }
        return Math.sqrt(loss);
    }

    @Test
    void edgesWithoutPurposeAreRemoved() {
        KanLinear layer = new KanLinear(KanLinear.Form.of(2, 3), RANDOM);
        Tensor x = inside(64, 2).to(DType.FLOAT32);
        float[] norms = layer.edgeNorms(x).toFloatArray();
        Arrays.sort(norms);
        assertEquals(3, layer.prune(x, (norms[2] + norms[3]) / 2));
        float[] left = layer.edgeNorms(x).toFloatArray();
        Arrays.sort(left);
        assertArrayEquals(new float[] {0, 0, 0, norms[3], norms[4], norms[5]}, left, 1e-7f);
        double total = norms[3] + norms[4] + norms[5];
        double entropy = 0;
        for (int i = 3; i < 6; i++) {
            entropy -= norms[i] / total * Math.log(norms[i] / total);
        }
        assertEquals(total + 2 * entropy, layer.sparsity(x, 2).item(), 1e-4);
    }

    @Test
    void rationalsBeginAsWhatTheyShould() {
        double[] places = new double[121];
        for (int i = 0; i < places.length; i++) {
            places[i] = -3 + i * 0.05;
        }
        Tensor x = Tensor.of(places, places.length, 1).to(DType.FLOAT32);
        double[] swish = Arrays.stream(places).map(v -> v / (1 + Math.exp(-v))).toArray();
        assertArrayEquals(swish, GroupRational.swish(1).apply(x).toDoubleArray(), 1e-2);
        assertArrayEquals(places, GroupRational.identity(1).apply(x).toDoubleArray(), 1e-4);
        assertEquals(1, GroupRational.identity(3).gain(), 1e-3);
    }

    @Test
    void variancesStayThroughAFreshLayer() {
        Tensor y = new RationalMlp(64, 128, 8, RANDOM).apply(new RandomStream(4).normal(DType.FLOAT32, 256, 64));
        double variance = y.square().mean().item();
        assertTrue(variance > 0.7 && variance < 1.4, "" + variance);
    }

    @Test
    void badInputIsNamed() {
        KanLinear layer = new KanLinear(KanLinear.Form.of(2, 3), RANDOM);
        assertThrows(ShapeMismatchException.class, () -> layer.apply(Tensor.zeros(4, 3)));
        assertThrows(ShapeMismatchException.class, () -> layer.refined(Tensor.zeros(3, 2), 5, 0));
        assertThrows(IllegalArgumentException.class, () -> new KanLinear.Form(2, 3, 0, 3, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> new RationalMlp(4, 6, 4, RANDOM));
    }
}
