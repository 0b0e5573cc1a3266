package org.lehr.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.NotDifferentiableException;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Operations as a user writes them, each in one class.
class CustomOperationTest {

    private static final GradientCheck CHECK = GradientCheck.within(1e-6);

    private static Tensor normal(long... extents) {
        return new RandomStream(7).normal(DType.FLOAT64, extents);
    }

    /// `x·tanh(x)`, its gradient by recorded operations. `x [...] → [...]`
    private record TanhGate() implements Op {
        @Override
        public Tensor forward(Call call) {
            Tensor x = call.input(0);
            return x.mul(x.tanh());
        }

        @Override
        public Tensor[] backward(Call call, Tensor dy) {
            Tensor x = call.input(0);
            Tensor t = x.tanh();
            return new Tensor[] {dy.mul(t.add(x.mul(t.square().neg().add(1))))};
        }
    }

    /// `√Σx²` over the last dimension, its gradient from host memory and a saved result. `x [m, n] → [m]`
    private record RowNorm() implements FusedOp {
        @Override
        public Tensor forward(Call call) {
            if (call.shape(0).rank() != 2) {
                throw new ShapeMismatchException("row_norm: x must be [m, n], got " + call.shape(0));
            }
            Tensor norm = call.input(0).square().sum(-1).sqrt();
            call.save(norm);
            return norm;
        }

        @Override
        public Tensor[] backward(Call call, Tensor dy) {
            int n = (int) call.shape(0).extent(1);
            double[] x = call.input(0).toDoubleArray();
            double[] norm = call.saved(0).toDoubleArray();
            double[] slope = dy.toDoubleArray();
            for (int i = 0; i < x.length; i++) {
                x[i] *= slope[i / n] / norm[i / n];
            }
            return new Tensor[] {Tensor.of(x, call.shape(0).toArray())};
        }

        @Override
        public Tensor composed(Tensor... inputs) {
            return inputs[0].square().sum(-1).sqrt();
        }
    }

    @Test
    void operationOfRecordedOperationsIsDifferentiatedTwice() {
        CHECK.first(x -> Tensor.apply(new TanhGate(), x), normal(3, 5));
        CHECK.second(x -> Tensor.apply(new TanhGate(), x), normal(3, 5));
    }

    @Test
    void fusedOperationIsDifferentiatedTwice() {
        CHECK.first(x -> Tensor.apply(new RowNorm(), x), normal(3, 5));
        CHECK.second(x -> Tensor.apply(new RowNorm(), x), normal(3, 5));
    }

    @Test
    void resultThatIsAlsoSavedOutlivesTheGraph() {
        Tensor x = normal(3, 5).requiringGradient();
        Tensor norm = Tensor.apply(new RowNorm(), x);
        double[] before = norm.toDoubleArray();
        norm.sum().backward();
        assertArrayEquals(before, norm.toDoubleArray());
        assertArrayEquals(before, Tensor.apply(new RowNorm(), x.detach()).toDoubleArray());
    }

    @Test
    void mistakesOfTheAuthorAreNamed() {
        Tensor x = normal(3, 5).requiringGradient();
        Tensor forgetful = Tensor.apply(new Forgetful(), x).sum();
        NotDifferentiableException reads = assertThrows(NotDifferentiableException.class, forgetful::backward);
        assertTrue(reads.getMessage().startsWith("forgetful: "), reads.getMessage());
        Tensor sparse = Tensor.apply(new Sparse(), x, x).sum();
        IllegalStateException few = assertThrows(IllegalStateException.class, sparse::backward);
        assertTrue(few.getMessage().startsWith("sparse: "), few.getMessage());
    }

    private record Forgetful() implements Op {
        @Override
        public Tensor forward(Call call) {
            return call.input(0).square();
        }

        @Override
        public Tensor[] backward(Call call, Tensor dy) {
            return new Tensor[] {dy.mul(call.input(0)).mul(2)};
        }

        @Override
        public boolean readsInputs() {
            return false;
        }
    }

    private record Sparse() implements Op {
        @Override
        public Tensor forward(Call call) {
            return call.input(0).add(call.input(1));
        }

        @Override
        public Tensor[] backward(Call call, Tensor dy) {
            return new Tensor[] {dy};
        }
    }
}
