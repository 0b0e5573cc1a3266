package org.lehr.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.tensor.op.Gelu;

/// Overwriting what a graph has saved is an error, never a wrong gradient.
final class InPlaceTest {

    @Test
    void anOverwrittenInputIsNoticed() {
        Tensor x = Tensor.of(new float[] {1, 2, 3}).requiringGradient();
        Tensor factor = Tensor.of(new float[] {4, 5, 6});
        Tensor y = x.mul(factor).sum();
        factor.fill(0);
        StaleTensorException stale = assertThrows(StaleTensorException.class, y::backward);
        assertTrue(stale.getMessage().contains("mul: input 1 [3]"), stale::getMessage);
    }

    @Test
    void anInputOverwrittenThroughAViewIsNoticed() {
        Tensor memory = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
        Tensor x = memory.requiringGradient();
        Tensor y = Gelu.gelu(x).sum();
        memory.transpose(0, 1).slice(0, 1, 2).fill(7);
        assertTrue(assertThrows(StaleTensorException.class, y::backward)
                .getMessage()
                .contains("gelu: input 0"));
    }

    @Test
    void anOverwrittenResultIsNoticedWhereTheGradientReadsIt() {
        Tensor x = Tensor.of(new float[] {1, 2}).requiringGradient();
        Tensor y = x.exp();
        Tensor total = y.sum();
        Autograd.noGradient(() -> {
            y.fill(1);
            return y;
        });
        StaleTensorException stale = assertThrows(StaleTensorException.class, total::backward);
        assertTrue(stale.getMessage().contains("exp: the result [2]"), stale::getMessage);
    }

    @Test
    void whatTheGradientDoesNotReadMayBeOverwritten() {
        Tensor memory = Tensor.of(new float[] {1, 2});
        Tensor x = memory.requiringGradient();
        Tensor y = x.add(3).reshape(2, 1).sum();
        memory.fill(9);
        y.backward();
        assertArrayEquals(new float[] {1, 1}, x.gradient().toFloatArray());
    }

    @Test
    void recordedTensorsAreNotWrittenToWhileRecording() {
        Tensor x = Tensor.of(new float[] {1, 2}).requiringGradient();
        assertThrows(NotDifferentiableException.class, () -> x.fill(0));
        assertThrows(NotDifferentiableException.class, () -> x.mul(2).addInPlace(x));
        assertThrows(NotDifferentiableException.class, () -> x.mul(2).mulInPlace(x));
        Autograd.noGradient(() -> {
            x.addInPlace(Tensor.ones(2));
            x.mulInPlace(Tensor.scalar(3));
            return x;
        });
        assertArrayEquals(new float[] {6, 9}, x.toFloatArray());
    }

    @Test
    void aReleasedGraphSaysSo() {
        Tensor x = Tensor.of(new float[] {1, 2}).requiringGradient();
        Tensor y = x.square().sum();
        y.backward();
        StaleTensorException released = assertThrows(StaleTensorException.class, y::backward);
        assertTrue(released.getMessage().contains("released"), released::getMessage);
    }
}
