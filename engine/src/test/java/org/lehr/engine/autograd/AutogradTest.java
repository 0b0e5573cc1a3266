package org.lehr.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.NotFiniteException;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Gelu;
import org.lehr.engine.tensor.op.LayerNorm;
import org.lehr.engine.tensor.op.Softmax;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Pool;

class AutogradTest {

    private static final RandomStream RANDOM = new RandomStream(11);

    private static Tensor normal(long... extents) {
        return RANDOM.normal(DType.FLOAT64, extents);
    }

    /// Central differences of `f` along `v`.
    private static double[] along(UnaryOperator<Tensor> f, Tensor x, Tensor v) {
        double step = 1e-5;
        return f.apply(x.add(v.mul(step)))
                .sub(f.apply(x.sub(v.mul(step))))
                .div(2 * step)
                .toDoubleArray();
    }

    @Test
    void jacobianOfLinearMapIsItsMatrix() {
        Tensor a = normal(3, 5);
        assertArrayEquals(
                a.toDoubleArray(),
                Autograd.jacobian(x -> a.matmul(x), normal(5)).toDoubleArray(),
                1e-12);
        Tensor j = Autograd.jacobian(x -> x.square(), normal(2, 3));
        assertEquals(Shape.of(2, 3, 2, 3), j.shape());
        assertFalse(j.requiresGradient());
    }

    @Test
    void jvpIsTheDerivativeAlongTheTangent() {
        Tensor weight = normal(5, 4);
        Tensor gain = normal(4);
        UnaryOperator<Tensor> f =
                x -> Softmax.softmax(LayerNorm.layerNorm(Gelu.gelu(x.matmul(weight)), gain, null, 1e-5), -1);
        Tensor x = normal(3, 5);
        Tensor v = normal(3, 5);
        Tensor product = Autograd.jvp(in -> f.apply(in[0]), List.of(x), List.of(v));
        assertArrayEquals(along(f, x, v), product.toDoubleArray(), 1e-6);
        Tensor j = Autograd.jacobian(f, x).reshape(12, 15);
        assertArrayEquals(j.matmul(v.reshape(15)).toDoubleArray(), product.toDoubleArray(), 1e-10);
        Tensor u = normal(3, 4);
        Tensor back = Autograd.vjp(in -> f.apply(in[0]), List.of(x), u).getFirst();
        assertArrayEquals(u.reshape(12).matmul(j).toDoubleArray(), back.toDoubleArray(), 1e-10);
    }

    @Test
    void jvpOfSeveralInputsAndOfNone() {
        Tensor x = Tensor.of(new double[] {2, 3});
        Tensor y = Tensor.of(new double[] {5, 7});
        Tensor ones = x.fullLike(1);
        Function<Tensor[], Tensor> product = in -> in[0].mul(in[1]);
        assertArrayEquals(
                new double[] {7, 10},
                Autograd.jvp(product, List.of(x, y), List.of(ones, ones)).toDoubleArray());
        assertArrayEquals(
                new double[] {0, 0},
                Autograd.jvp(in -> x.neg(), List.of(y), List.of(ones)).toDoubleArray());
        assertArrayEquals(
                new double[] {0, 0},
                Autograd.vjp(in -> x.neg(), List.of(y), ones).getFirst().toDoubleArray());
    }

    @Test
    void hessianOfQuadraticFormIsItsMatrix() {
        Tensor m = normal(5, 5);
        UnaryOperator<Tensor> f = x -> x.matmul(m).mul(x).sum();
        Tensor symmetric = m.add(m.transpose(0, 1));
        Tensor x = normal(5);
        Tensor v = normal(5);
        assertArrayEquals(symmetric.toDoubleArray(), Autograd.hessian(f, x).toDoubleArray(), 1e-12);
        assertArrayEquals(
                symmetric.matmul(v).toDoubleArray(),
                Autograd.hessianVectorProduct(f, x, v).toDoubleArray(),
                1e-12);
        assertArrayEquals(new double[25], Autograd.hessian(Tensor::sum, x).toDoubleArray());
    }

    @Test
    void hessianVectorProductMatchesDifferencesOfGradients() {
        Tensor weight = normal(5, 4);
        Tensor gain = normal(4);
        UnaryOperator<Tensor> f = x -> LayerNorm.layerNorm(Gelu.geluTanh(x.matmul(weight)), gain, null, 1e-5)
                .square()
                .mul(x.sum())
                .mean();
        UnaryOperator<Tensor> gradient = x -> {
            Tensor leaf = x.detach().requiringGradient();
            return Autograd.gradient(f.apply(leaf), leaf).getFirst();
        };
        Tensor x = normal(3, 5);
        Tensor v = normal(3, 5);
        assertArrayEquals(
                along(gradient, x, v), Autograd.hessianVectorProduct(f, x, v).toDoubleArray(), 1e-5);
    }

    @Test
    void leavesThatTheFunctionReadsMayBeDifferentiated() {
        Tensor w = Tensor.of(new double[] {2, 3}).requiringGradient();
        List<Tensor> product = Autograd.hessianVectorProduct(
                none -> w.square().mul(w).sum(), List.of(w), List.of(Tensor.of(new double[] {1, 10})));
        assertArrayEquals(new double[] {12, 180}, product.getFirst().toDoubleArray(), 1e-12);
    }

    @Test
    void mistakesAreNamed() {
        Tensor x = normal(3);
        assertThrows(ShapeMismatchException.class, () -> Autograd.hessian(Tensor::exp, x));
        assertThrows(ShapeMismatchException.class, () -> Autograd.hessianVectorProduct(Tensor::sum, x, normal(4)));
        assertThrows(IllegalArgumentException.class, () -> Autograd.jvp(in -> in[0], List.of(x), List.of()));
        assertThrows(ShapeMismatchException.class, () -> Autograd.vjp(in -> in[0], List.of(x), normal(4)));
    }

    @Test
    void tracingNamesTheFirstOperationForward() {
        Tensor x = Tensor.of(new double[] {-1, 2});
        NotFiniteException found = assertThrows(
                NotFiniteException.class,
                () -> Autograd.traceNan(() -> x.log().add(1).mul(2)));
        assertTrue(found.getMessage().startsWith("log: "), found.getMessage());
    }

    @Test
    void tracingNamesTheFirstOperationBackward() {
        Tensor x = Tensor.of(new double[] {0, 4}).requiringGradient();
        NotFiniteException found = assertThrows(
                NotFiniteException.class,
                () -> Autograd.traceNan(() -> {
                    x.mul(2).sqrt().mul(3).sum().backward();
                    return null;
                }));
        assertTrue(found.getMessage().startsWith("sqrt (backward): "), found.getMessage());
    }

    @Test
    void perSampleGradientsAreThoseOfTheSamplesAlone() {
        Tensor w = normal(4, 2).requiringGradient();
        Tensor b = normal(2).requiringGradient();
        Tensor x = normal(5, 4);
        Tensor y = normal(5, 2);
        Function<Tensor[], Tensor> loss =
                in -> in[0].matmul(w).add(b).tanh().sub(in[1]).square().sum();
        List<Tensor> each = PerSample.gradients(loss, List.of(w, b), x, y);
        assertEquals(Shape.of(5, 4, 2), each.get(0).shape());
        assertEquals(Shape.of(5, 2), each.get(1).shape());
        List<Tensor> all = Autograd.gradient(List.of(loss.apply(new Tensor[] {x, y})), List.of(w, b), false);
        for (int p = 0; p < 2; p++) {
            assertArrayEquals(all.get(p).toDoubleArray(), each.get(p).sum(0).toDoubleArray(), 1e-12);
        }
        Tensor third = Autograd.gradient(loss.apply(new Tensor[] {x.slice(0, 2, 3), y.slice(0, 2, 3)}), w)
                .getFirst();
        assertArrayEquals(third.toDoubleArray(), each.get(0).slice(0, 2, 3).toDoubleArray(), 0);
        assertEquals(
                0,
                PerSample.gradients(loss, List.of(w), normal(0, 4), normal(0, 2))
                        .getFirst()
                        .size());
        assertThrows(ShapeMismatchException.class, () -> PerSample.gradients(loss, List.of(w), x, normal(4, 2)));
    }

    @Test
    void secondOrderStepsReturnTheirMemory() {
        Tensor weight = normal(7, 7).to(DType.FLOAT32);
        UnaryOperator<Tensor> f = x -> Gelu.gelu(x.matmul(weight)).square().mean();
        Tensor x = normal(5, 7).to(DType.FLOAT32);
        Tensor v = normal(5, 7).to(DType.FLOAT32);
        Pool.host().collect();
        long before = Pool.host().statistics().outstanding();
        for (int i = 0; i < 300; i++) {
            Autograd.hessianVectorProduct(f, x, v).view().storage().release();
        }
        assertTrue(Pool.host().statistics().outstanding() <= before);
    }
}
