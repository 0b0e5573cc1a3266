package org.lehr.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.transform.Eigen;
import org.lehr.engine.optim.transform.NewtonSchulz;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Pool;

/// Optimizers that look at curvature, at matrices as a whole, or at losses alone.
final class SecondOrderCasesTest {

    private static Optimizer over(String text, Parameter... parameters) {
        return OptimizerSpec.parse(text, Map.of()).over(List.of(Fixture.group(parameters)));
    }

    @Test
    void theOrthogonalFactorHasSingularValuesNearOne() {
        for (long[] shape : new long[][] {{8, 8}, {5, 20}, {20, 5}}) {
            Tensor x = new RandomStream(5).normal(DType.FLOAT64, shape);
            Tensor o = NewtonSchulz.orthogonal(x, 5);
            Tensor square = shape[0] <= shape[1]
                    ? o.matmul(o.transpose(0, 1))
                    : o.transpose(0, 1).matmul(o);
            for (double value : Eigen.of(square).values()) {
                assertTrue(Math.sqrt(value) > 0.3 && Math.sqrt(value) < 1.3, "a singular value of " + Math.sqrt(value));
            }
        }
        assertArrayEquals(
                new double[6], NewtonSchulz.orthogonal(Tensor.zeros(2, 3), 5).toDoubleArray());
    }

    @Test
    void powersOfMatricesAreThoseOfTheirEigenvalues() {
        Tensor x = new RandomStream(6).normal(DType.FLOAT64, 6, 9);
        Tensor square = x.matmul(x.transpose(0, 1));
        Tensor root = Eigen.of(square).power(-0.25, 0);
        Tensor fourth = root.matmul(root).matmul(root).matmul(root);
        Tensor identity = fourth.matmul(square);
        for (int i = 0; i < 36; i++) {
            assertEquals(i % 7 == 0 ? 1 : 0, identity.toDoubleArray()[i], 1e-9);
        }
        double[] values = Eigen.of(square).values();
        for (int i = 1; i < values.length; i++) {
            assertTrue(values[i] <= values[i - 1]);
        }
        assertThrows(IllegalArgumentException.class, () -> Eigen.of(Tensor.of(new double[] {Double.NaN}, 1, 1)));
    }

    @Test
    void soapTurnsWithTheProblemAndAdamDoesNot() {
        assertTrue(turned("soap:rate=0.05,every=1") < 1e-6);
        assertTrue(turned("muon:rate=0.05") < 1e-6);
        assertTrue(turned("adam:rate=0.05") > 1e-2);
    }

    /// How far the steps of a problem whose rows were rotated are from the rotated steps.
    private static double turned(String text) {
        Tensor q = Eigen.of(symmetric(4)).vectors();
        RandomStream random = new RandomStream(8);
        Tensor start = random.normal(DType.FLOAT64, 4, 3);
        Parameter plain = new Parameter(start);
        Parameter rotated = new Parameter(q.matmul(start));
        Optimizer one = over(text, plain);
        Optimizer other = over(text, rotated);
        for (int step = 0; step < 10; step++) {
            Tensor g = random.normal(DType.FLOAT64, 4, 3);
            plain.own().setGradient(g);
            rotated.own().setGradient(q.matmul(g));
            one.step();
            other.step();
        }
        return q.matmul(plain.own().detach())
                .sub(rotated.own().detach())
                .abs()
                .max()
                .item();
    }

    private static Tensor symmetric(int n) {
        Tensor x = new RandomStream(7).normal(DType.FLOAT64, n, n);
        return x.add(x.transpose(0, 1));
    }

    @Test
    void shampooWhitensAMatrixOfOneGradient() {
        // G·Gᵀ^(−¼)·G·(Gᵀ·G)^(−¼) = U·Vᵀ, at the length of Adagrad's step, which is √size at first.
        Parameter parameter = new Parameter(Tensor.of(new double[9], 3, 3));
        Tensor g = new RandomStream(9).normal(DType.FLOAT64, 3, 3);
        parameter.own().setGradient(g);
        over("shampoo:rate=1,momentum=0,epsilon=0", parameter).step();
        Tensor u = parameter.own().detach().div(-Math.sqrt(3));
        Tensor square = u.matmul(u.transpose(0, 1));
        for (int i = 0; i < 9; i++) {
            assertEquals(i % 4 == 0 ? 1 : 0, square.toDoubleArray()[i], 1e-6);
        }
    }

    @Test
    void theDiagonalOfAParabolaIsExact() {
        Parameter parameter = Fixture.parameter(DType.FLOAT64, 1, 2);
        Tensor weights = Tensor.of(new double[] {1, 10}, 2);
        Supplier<Tensor> loss = () -> parameter.value().square().mul(weights).sum();
        Optimizer sophia = over("sophia:rate=0.1,beta1=0,beta2=0,gamma=1", parameter);
        Fixture.step(sophia, loss);
        assertArrayEquals(new double[] {2, 20}, sophia.state().get("hessian/p0").toDoubleArray(), 1e-12);
        // Newton's direction p/1, limited to 1.
        assertArrayEquals(new double[] {0.9, 1.9}, parameter.own().toDoubleArray(), 1e-12);

        Parameter other = Fixture.parameter(DType.FLOAT64, 1, 2);
        Optimizer hessian = over("adahessian:rate=0.1,beta1=0,epsilon=0", other);
        Fixture.step(hessian, () -> other.value().square().mul(weights).sum());
        assertArrayEquals(new double[] {0.9, 1.8}, other.own().toDoubleArray(), 1e-12);
    }

    @Test
    void stepsWithSecondDerivativesLeaveNoMemoryBehind() {
        Fixture.Net net = Fixture.Net.of(4);
        Optimizer optimizer =
                OptimizerSpec.parse("adahessian:rate=0.01", Map.of()).over(List.of(ParameterGroup.all(net.model())));
        long after = 0;
        for (int step = 0; step < 1000; step++) {
            Fixture.step(optimizer, net.loss());
            if (step == 20) {
                Pool.host().collect();
                after = Pool.host().statistics().outstanding();
            }
        }
        Pool.host().collect();
        long last = Pool.host().statistics().outstanding();
        assertTrue(last <= after + (1 << 16), after + " bytes became " + last);
    }

    @Test
    void lbfgsSolvesWhatItWasMadeFor() {
        Parameter point = Fixture.parameter(DType.FLOAT64, -1.2, 1);
        Optimizer optimizer = over("lbfgs:iterations=60", point);
        Fixture.step(optimizer, Fixture.valley(point));
        assertArrayEquals(new double[] {1, 1}, point.own().toDoubleArray(), 1e-5);

        // A parabola with a condition of a million.
        Tensor weights = Tensor.of(new double[] {1, 1e2, 1e4, 1e6}, 4);
        Parameter steep = Fixture.parameter(DType.FLOAT64, 1, 1, 1, 1);
        Optimizer many = over("lbfgs:iterations=60", steep);
        Fixture.step(many, () -> steep.value().square().mul(weights).sum());
        assertTrue(steep.own().detach().square().mul(weights).sum().item() < 1e-8);
    }

    @Test
    void lossesAloneGiveTheGradient() {
        Tensor slope = new RandomStream(12).normal(DType.FLOAT64, 20);
        for (String text : List.of(
                "zerothorder:rate=1,queries=800",
                "zerothorder:rate=1,queries=800,forward=true",
                "zerothorder:rate=1,queries=1600,density=0.5")) {
            Parameter parameter = Fixture.parameter(DType.FLOAT64, new double[20]);
            Optimizer optimizer = over(text, parameter);
            assertEquals(Optimizer.Demand.LOSS, optimizer.demand());
            Fixture.step(
                    optimizer,
                    () -> parameter
                            .value()
                            .mul(slope)
                            .sum()
                            .add(parameter.value().square().sum()));
            Tensor moved = parameter.own().detach().neg();
            double cosine = moved.mul(slope).sum().item()
                    / Math.sqrt(
                            moved.square().sum().item() * slope.square().sum().item());
            assertTrue(cosine > 0.95, text + ": a cosine of " + cosine);
            assertEquals(0, optimizer.stateBytes());
        }
    }

    @Test
    void aConservativeStepNeverRaisesTheLoss() {
        Parameter parameter = new Parameter(new RandomStream(13).normal(DType.FLOAT64, 6));
        Optimizer optimizer = over("zerothorder:rate=0.05,method=conserve", parameter);
        Supplier<Tensor> loss = () -> parameter.value().square().square().sum();
        double before = loss.get().item();
        double first = before;
        for (int step = 0; step < 60; step++) {
            Fixture.step(optimizer, loss);
            double now = loss.get().item();
            assertTrue(now <= before * (1 + 1e-9), before + " to " + now);
            before = now;
        }
        assertTrue(before < 0.5 * first);
    }

    @Test
    void withoutTheLossTheyRefuseAndChangeNothing() {
        for (String text :
                List.of("sophia", "adahessian", "lbfgs", "zerothorder", "sam+sgd", "looksam+sgd", "upgd:second=true")) {
            Parameter parameter = Fixture.parameter(DType.FLOAT32, 1, 2);
            Optimizer optimizer = over(text, parameter);
            Fixture.gradient(parameter, 1, 1);
            String message =
                    assertThrows(IllegalStateException.class, optimizer::step).getMessage();
            assertTrue(message.contains("call step(gradientScale, evaluation)"), message);
            assertArrayEquals(new float[] {1, 2}, parameter.own().toFloatArray());
            assertEquals(0, optimizer.steps());
        }
    }
}
