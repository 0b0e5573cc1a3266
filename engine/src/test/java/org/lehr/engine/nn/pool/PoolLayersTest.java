package org.lehr.engine.nn.pool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Pool2d.Window;
import org.lehr.kernels.ConvolutionKernels.Form;

final class PoolLayersTest {

    private static final Tensor X = Tensor.of(new float[] {1, 5, 2, 0, 3, 3, 7, 4, 9, 8, 6, 1}, 1, 1, 3, 4);

    @Test
    void theLargestOfEachWindow() {
        assertArrayEquals(new float[] {5, 7}, new MaxPool2d(2).apply(X).toFloatArray());
        Tensor padded = new MaxPool2d(Window.of(3, 2, 1)).apply(X.neg());
        assertArrayEquals(new float[] {-1, 0, -3, -1}, padded.toFloatArray(), 1e-7f);
    }

    @Test
    void theFirstOfEqualOnesHasTheGradient() {
        Tensor x = Tensor.of(new float[] {2, 2, 1, 2}, 1, 1, 2, 2).requiringGradient();
        new MaxPool2d(2).apply(x).sum().backward();
        assertArrayEquals(new float[] {1, 0, 0, 0}, x.gradient().toFloatArray());
    }

    @Test
    void theMeanOfEachWindow() {
        assertArrayEquals(new float[] {3, 3.25f}, new AvgPool2d(2).apply(X).toFloatArray());
        Window corners = Window.of(2, 3, 1);
        assertArrayEquals(
                new float[] {0.25f, 0.5f, 2.25f, 1.75f},
                new AvgPool2d(corners, true).apply(X).toFloatArray(),
                1e-6f);
        assertArrayEquals(
                new float[] {1, 1, 9, 3.5f},
                new AvgPool2d(corners, false).apply(X).toFloatArray(),
                1e-6f);
        assertArrayEquals(new float[] {49 / 12f}, new GlobalAvgPool().apply(X).toFloatArray(), 1e-6f);
    }

    @Test
    void badInputIsNamed() {
        assertThrows(IllegalArgumentException.class, () -> Window.of(2, 1, 2));
        assertThrows(IllegalArgumentException.class, () -> new Window(2, 2, Form.of(1, 0, 1, 2)));
        assertThrows(IllegalArgumentException.class, () -> new MaxPool2d(4).apply(X));
        assertThrows(IllegalArgumentException.class, () -> new AvgPool2d(2).apply(Tensor.zeros(2, 2)));
        assertThrows(IllegalArgumentException.class, () -> new GlobalAvgPool().apply(Tensor.zeros(2)));
    }
}
