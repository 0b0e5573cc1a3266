package org.lehr.engine.nn.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class VisionTest {

    private static final RandomStream RANDOM = new RandomStream(5);

    private static long[] shape(Layer network, long... extents) {
        Tensor x = RANDOM.normal(DType.FLOAT32, extents);
        return network.apply(x).shape().toArray();
    }

    /// Numbers of parameters as torchvision and the papers give them.
    @Test
    void sizesArePublishedOnes() {
        assertEquals(11_689_512, new ResNet(ResNet.Form.resNet18(1000, true), RANDOM).parameterCount());
        assertEquals(25_557_032, new ResNet(ResNet.Form.resNet50(1000, true), RANDOM).parameterCount());
        assertEquals(11_173_962, new ResNet(ResNet.Form.resNet18(10, false), RANDOM).parameterCount());
        long wide = new WideResNet(new WideResNet.Form(3, 28, 10, 0, 10), RANDOM).parameterCount();
        assertEquals(36.5e6, wide, 0.05e6);
    }

    @Test
    void shapes() {
        ResNet.Form tiny = new ResNet.Form(1, 4, List.of(1, 1), false, false, 7);
        assertArrayEquals(new long[] {2, 7}, shape(new ResNet(tiny, RANDOM), 2, 1, 9, 9));
        ResNet.Form large = new ResNet.Form(3, 4, List.of(1, 1), true, true, 5);
        assertArrayEquals(new long[] {2, 5}, shape(new ResNet(large, RANDOM), 2, 3, 33, 33));
        WideResNet.Form wide = new WideResNet.Form(3, 10, 1, 0.3, 4);
        assertArrayEquals(new long[] {2, 4}, shape(new WideResNet(wide, RANDOM), 2, 3, 8, 8));
        DenseNetwork dense = new DenseNetwork(List.of(12L, 5L, 3L), Activation.RELU, 0.1, RANDOM);
        assertArrayEquals(new long[] {2, 3}, shape(dense, 2, 3, 4));
        assertArrayEquals(new long[] {0, 3}, shape(dense, 0, 3, 4));
    }

    @Test
    void gradients() {
        LayerGradient.check(new DenseNetwork(List.of(4L, 5L, 3L), Activation.SILU, 0, RANDOM), 2, 2, 2);
        LayerGradient.check(new ResidualBlock(2, 2, 4, 2, RANDOM), 3, 2, 4, 4);
        LayerGradient.check(new ResidualBlock(2, 2, 2, 1, RANDOM), 3, 2, 3, 3);
    }

    @Test
    void namesAreThoseOfTorchvision() {
        List<String> names = List.copyOf(
                new ResNet(ResNet.Form.resNet18(10, true), RANDOM).state().keySet());
        for (String name : List.of(
                "conv1.weight",
                "bn1.running_mean",
                "layer1.0.conv1.weight",
                "layer2.0.downsample.0.weight",
                "layer2.0.downsample.1.bias",
                "layer4.1.bn2.num_batches_tracked",
                "fc.bias")) {
            assertTrue(names.contains(name), name);
        }
    }

    @Test
    void badSizesAreNamed() {
        assertThrows(IllegalArgumentException.class, () -> new WideResNet.Form(3, 17, 1, 0, 10));
        assertThrows(IllegalArgumentException.class, () -> new ResNet.Form(3, 64, List.of(), false, false, 10));
        assertThrows(IllegalArgumentException.class, () -> new DenseNetwork(List.of(3L), Activation.RELU, 0, RANDOM));
    }
}
