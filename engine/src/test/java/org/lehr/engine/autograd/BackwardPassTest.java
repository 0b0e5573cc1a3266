package org.lehr.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.NotDifferentiableException;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.StaleTensorException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.engine.tensor.op.Gelu;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.ReleasedMemoryException;
import org.lehr.kernels.memory.Scope;
import org.lehr.kernels.parallel.Workers;

class BackwardPassTest {

    /// The forward pass saves the gradient: a graph that is kept must not give it away.
    @Test
    void aKeptGraphGivesTheSameGradientAgain() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).requiringGradient();
        Tensor loss = CrossEntropy.crossEntropy(x, Tensor.of(new long[] {2, 0}));
        loss.backward(Tensor.scalar(1), true);
        float[] once = x.gradient().toFloatArray();
        loss.backward(Tensor.scalar(1), true);
        loss.backward(Tensor.scalar(2), false);
        float[] sum = x.gradient().toFloatArray();
        for (int i = 0; i < once.length; i++) {
            assertEquals(4 * once[i], sum[i], 1e-6f);
        }
    }

    private static Tensor leaf(double... values) {
        return Tensor.of(values).requiringGradient();
    }

    private static void assertGradient(Tensor leaf, double... expected) {
        assertArrayEquals(expected, leaf.gradient().toDoubleArray(), 1e-12);
    }

    @Test
    void gradientsAddUpOverPasses() {
        Tensor x = leaf(2, 3);
        x.square().sum().backward();
        x.square().sum().backward();
        assertGradient(x, 8, 12);
    }

    @Test
    void sameInputTwiceAndDiamondsSumEveryPath() {
        Tensor x = leaf(2, 3);
        x.mul(x).sum().backward();
        assertGradient(x, 4, 6);
        Tensor y = leaf(2, 3);
        Tensor shared = y.square();
        shared.add(shared).add(shared.mul(y)).sum().backward();
        // d(2y² + y³) = 4y + 3y²
        assertGradient(y, 8 + 12, 12 + 27);
    }

    @Test
    void gradientHandedToTwoLeavesIsNotShared() {
        Tensor x = leaf(1, 2);
        Tensor y = leaf(3, 4);
        x.add(y).backward(Tensor.of(new double[] {5, 6}), false);
        x.gradient().fill(0);
        assertGradient(y, 5, 6);
    }

    @Test
    void gradientsAsValuesAreNotShared() {
        Tensor x = leaf(1, 2);
        Tensor y = leaf(3, 4);
        Tensor seed = Tensor.of(new double[] {5, 6});
        List<Tensor> found = Autograd.gradient(List.of(x.add(y)), List.of(seed), List.of(x, y, x), false, false);
        found.get(0).fill(0);
        assertArrayEquals(new double[] {5, 6}, found.get(1).toDoubleArray());
        assertArrayEquals(new double[] {5, 6}, found.get(2).toDoubleArray());
        found.get(1).fill(0);
        assertArrayEquals(new double[] {5, 6}, found.get(2).toDoubleArray());
        assertArrayEquals(new double[] {5, 6}, seed.toDoubleArray());
    }

    @Test
    void gradientOfASumIsDense() {
        Tensor x = leaf(1, 2, 3);
        Tensor gradient = Autograd.gradient(x.sum(), x).getFirst();
        assertTrue(gradient.isContiguous());
        gradient.slice(0, 0, 1).fill(7);
        assertArrayEquals(new double[] {7, 1, 1}, gradient.toDoubleArray());
        x.sum().backward();
        x.gradient().slice(0, 0, 1).fill(7);
        x.sum().backward();
        assertGradient(x, 8, 2, 2);
    }

    @Test
    void gradientThatWasSetAsAnExpandedViewIsAddedTo() {
        Tensor x = leaf(1, 2, 3);
        x.setGradient(Tensor.of(new double[] {1}).expand(3));
        x.square().sum().backward();
        assertGradient(x, 3, 5, 7);
    }

    @Test
    void intermediateGradientSurvivesTheRestOfThePass() {
        Tensor x = leaf(1, 2);
        Tensor middle = x.square();
        Tensor y = middle.exp().add(middle).sum();
        List<Tensor> found = Autograd.gradient(List.of(y), List.of(middle, x), false);
        double[] inner = {Math.E + 1, Math.exp(4) + 1};
        assertArrayEquals(inner, found.get(0).toDoubleArray(), 1e-12);
        assertArrayEquals(
                new double[] {2 * inner[0], 4 * inner[1]}, found.get(1).toDoubleArray(), 1e-12);
    }

    @Test
    void slicesOfOneTensorAddIntoOneGradient() {
        Tensor x = leaf(1, 2, 3, 4, 5);
        Tensor left = x.slice(0, 0, 3);
        Tensor right = x.slice(0, 2, 5);
        left.mul(right).sum().add(x.sum()).backward();
        assertGradient(x, 1 + 3, 1 + 4, 1 + 5 + 1, 1 + 2, 1 + 3);
    }

    @Test
    void hookMaySeeReplaceAndKeepGradients() {
        Tensor x = leaf(1, 2);
        Tensor middle = x.mul(3);
        List<Tensor> kept = new ArrayList<>();
        var hook = middle.onGradient(gradient -> {
            kept.add(gradient);
            return gradient.mul(10);
        });
        x.onGradient(gradient -> {
            kept.add(gradient);
            return gradient;
        });
        Tensor y = middle.square().sum();
        y.backward(Tensor.of(new double[] {1}).reshape(), true);
        assertArrayEquals(new double[] {6, 12}, kept.get(0).toDoubleArray());
        assertArrayEquals(new double[] {180, 360}, kept.get(1).toDoubleArray());
        assertGradient(x, 180, 360);
        hook.close();
        x.setGradient(null);
        y.backward();
        assertGradient(x, 18, 36);
        assertArrayEquals(new double[] {180, 360}, kept.get(1).toDoubleArray());
        assertNotSame(kept.get(2), x.gradient());
    }

    @Test
    void leafHookRunsOncePerPass() {
        Tensor x = leaf(1, 2);
        int[] calls = {0};
        x.onGradient(gradient -> {
            calls[0]++;
            return gradient.mul(2);
        });
        List<Tensor> found = Autograd.gradient(List.of(x.square().sum()), List.of(x, x), false);
        assertEquals(1, calls[0]);
        assertArrayEquals(new double[] {4, 8}, found.get(1).toDoubleArray());
    }

    @Test
    void hookThatReturnsAnotherShapeIsRefused() {
        Tensor x = leaf(1, 2);
        x.onGradient(gradient -> gradient.sum());
        assertThrows(ShapeMismatchException.class, () -> x.square().sum().backward());
    }

    @Test
    void releasedGraphSaysSo() {
        Tensor x = leaf(1, 2);
        Tensor y = x.square().sum();
        y.backward();
        StaleTensorException refused = assertThrows(StaleTensorException.class, y::backward);
        assertTrue(refused.getMessage().contains("retain"), refused.getMessage());
    }

    @Test
    void retainedGraphMayBeWalkedAgain() {
        Tensor x = leaf(1, 2);
        Tensor y = x.square().sum();
        y.backward(Tensor.of(new double[] {1}).reshape(), true);
        y.backward();
        assertGradient(x, 4, 8);
    }

    @Test
    void overwritingWhatWasSavedIsNoticed() {
        Tensor x = leaf(1, 2);
        Tensor y = x.square().sum();
        x.detach().fill(5);
        StaleTensorException refused = assertThrows(StaleTensorException.class, y::backward);
        assertTrue(refused.getMessage().contains("overwritten"), refused.getMessage());
        assertThrows(NotDifferentiableException.class, () -> x.fill(1));
    }

    @Test
    void seedsAreChecked() {
        Tensor x = leaf(1, 2);
        assertThrows(ShapeMismatchException.class, () -> x.square().backward());
        assertThrows(ShapeMismatchException.class, () -> x.square().backward(Tensor.zeros(3), false));
        assertThrows(DTypeMismatchException.class, () -> x.square().backward(Tensor.zeros(2), false));
        assertThrows(
                IllegalArgumentException.class,
                () -> Autograd.gradient(List.of(x.square()), List.of(), List.of(x), false, false));
        assertThrows(NotDifferentiableException.class, () -> Tensor.ones().backward());
        assertThrows(NotDifferentiableException.class, () -> Autograd.gradient(x.sum(), Tensor.ones(2)));
    }

    @Test
    void seedThatRequiresAGradientLeavesNoGraph() {
        Tensor x = leaf(1, 2);
        Tensor seed = leaf(3, 4);
        x.reshape(2, 1).reshape(2).backward(seed, false);
        assertFalse(x.gradient().requiresGradient());
        assertNull(seed.gradient());
    }

    @Test
    void gradientPenaltyIsDifferentiatedAgain() {
        Tensor x = leaf(1, 2);
        Tensor y = x.square().mul(x).sum();
        Tensor slope = Autograd.gradient(List.of(y), List.of(x), true).getFirst();
        slope.square().sum().backward();
        // d Σ(3x²)² = 36x³
        assertGradient(x, 36, 288);
    }

    @Test
    void graphOfTheGradientIsMadeWithRecordingOffToo() {
        Tensor x = leaf(1, 2);
        Tensor y = x.square().add(x.square()).add(x.mul(x)).sum();
        Tensor slope = Recording.off(() -> Autograd.gradient(List.of(y), List.of(x), true))
                .getFirst();
        assertArrayEquals(
                new double[] {6, 6},
                Autograd.gradient(slope.sum(), x).getFirst().toDoubleArray());
    }

    @Test
    void viewsOfLeavesLeadToTheLeaf() {
        Tensor x = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3).requiringGradient();
        x.transpose(0, 1).slice(0, 1, 3).reshape(4).square().sum().backward();
        assertGradient(x, 0, 4, 6, 0, 10, 12);
    }

    @Test
    void detachStopsTheGradient() {
        Tensor x = leaf(1, 2);
        x.mul(x.detach()).sum().backward();
        assertGradient(x, 1, 2);
    }

    @Test
    void deepChainsDoNotOverflowTheStack() {
        Tensor x = leaf(1);
        Tensor y = x;
        for (int i = 0; i < 20_000; i++) {
            y = y.add(x);
        }
        y.backward();
        assertGradient(x, 20_001);
    }

    @Test
    void deepChainsOfFusedOperationsAreDifferentiatedTwice() {
        Tensor x = leaf(0.5);
        Tensor y = x;
        for (int i = 0; i < 500; i++) {
            y = Gelu.geluTanh(y).mul(0.001).add(x);
        }
        Tensor slope = Autograd.gradient(List.of(y.sum()), List.of(x), true).getFirst();
        assertTrue(Double.isFinite(Autograd.gradient(slope.sum(), x).getFirst().item()));
    }

    @Test
    void wideSumsHaveTheSameBitsForAnyNumberOfThreads() {
        float[][] found = new float[3][];
        int[] threads = {1, 2, 5};
        for (int t = 0; t < threads.length; t++) {
            int at = t;
            Workers.with(threads[t], () -> {
                float[] values = new float[1009];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) Math.sin(i);
                }
                Tensor x = Tensor.of(values).requiringGradient();
                Tensor total = Tensor.scalar(0);
                for (int i = 0; i < 101; i++) {
                    total = total.add(x.mul(0.1 * i).tanh().sum());
                }
                total.backward();
                found[at] = x.gradient().toFloatArray();
            });
        }
        assertArrayEquals(found[0], found[1]);
        assertArrayEquals(found[0], found[2]);
    }

    @Test
    void useAfterTheScopeIsRefusedButGradientsStay() {
        Tensor x = leaf(1, 2);
        Tensor y;
        try (var _ = Scope.open()) {
            y = x.square();
            y.sum().backward();
        }
        assertThrows(ReleasedMemoryException.class, y::toDoubleArray);
        assertGradient(x, 2, 4);
    }

    /// `x²`, saving its own result and handing out saved memory as the gradient when it can.
    private record Twice() implements Op {
        @Override
        public Tensor forward(Call call) {
            Tensor two = call.input(0).fullLike(2);
            call.save(two, call.input(0));
            return call.input(0).mul(two);
        }

        @Override
        public Tensor[] backward(Call call, Tensor dy) {
            return new Tensor[] {call.saved(0)};
        }
    }

    @Test
    void savedMemoryMayBeTheGradient() {
        Tensor x = leaf(1, 2);
        Tensor y = x.mul(1);
        Tensor.apply(new Twice(), y).sum().backward();
        assertGradient(x, 2, 2);
        assertArrayEquals(new double[] {1, 2}, y.toDoubleArray());
    }

    /// The input itself, which it also saves.
    private record Same() implements Op {
        @Override
        public Tensor forward(Call call) {
            call.save(call.input(0));
            return call.input(0);
        }

        @Override
        public Tensor[] backward(Call call, Tensor dy) {
            return new Tensor[] {dy};
        }
    }

    @Test
    void operationMayReturnItsInput() {
        Tensor x = leaf(1, 2);
        Tensor y = Tensor.apply(new Same(), x);
        assertNull(x.node());
        y.square().sum().backward();
        assertGradient(x, 2, 4);
        assertArrayEquals(
                new double[] {1, 2}, Tensor.apply(new Same(), x.detach()).toDoubleArray());
        assertArrayEquals(new double[] {1, 2}, x.toDoubleArray());
    }

    /// A leaf that is read at several depths, through a view, and in a function that is computed again.
    @Test
    void aLeafArrivesOnceAndMayBeOverwrittenThen() {
        Tensor[][] leaves = new Tensor[2][];
        for (int run = 0; run < 2; run++) {
            RandomStream random = new RandomStream(3);
            Tensor a = random.normal(DType.FLOAT64, 4, 4).requiringGradient();
            Tensor b = random.normal(DType.FLOAT64, 4, 4).requiringGradient();
            leaves[run] = new Tensor[] {a, b};
            Tensor x = random.normal(DType.FLOAT64, 4, 4);
            Tensor h = x.matmul(a).tanh().matmul(a.transpose(0, 1));
            Tensor y = Checkpointing.checkpoint(t -> t[0].matmul(b).tanh(), List.of(), h)
                    .mul(a);
            Tensor loss = y.square().sum();
            if (run == 0) {
                loss.backward();
            } else {
                List<Tensor> arrived = new ArrayList<>();
                List<double[]> gradients = new ArrayList<>();
                Autograd.backward(loss, leaf -> {
                    arrived.add(leaf);
                    gradients.add(leaf.gradient().toDoubleArray());
                    leaf.setGradient(null);
                    Recording.off(() -> {
                        leaf.copyFrom(leaf.fullLike(Double.NaN));
                        return null;
                    });
                });
                assertEquals(List.of(b, a), arrived);
                assertArrayEquals(leaves[0][1].gradient().toDoubleArray(), gradients.get(0));
                assertArrayEquals(leaves[0][0].gradient().toDoubleArray(), gradients.get(1));
            }
        }
    }
}
