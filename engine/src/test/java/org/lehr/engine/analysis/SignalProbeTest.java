package org.lehr.engine.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

class SignalProbeTest {

    private static final int WIDTH = 256;

    /// Linear maps whose weights have the deviation `gain/√width`: each multiplies signals by `gain`, both ways.
    private static Layer network(double gain) {
        RandomStream random = new RandomStream(1);
        Layer[] layers = new Layer[6];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = new Linear(WIDTH, WIDTH, null, Initializer.normal(gain / Math.sqrt(WIDTH)), random.split(i));
        }
        return new Sequential(layers);
    }

    @Test
    void signalsGrowByTheGainOfEachLayer() {
        for (double gain : new double[] {0.5, 1, 2}) {
            Layer network = network(gain);
            Tensor x = new RandomStream(2).normal(DType.FLOAT32, 32, WIDTH);
            try (SignalProbe probe = new SignalProbe(network, path -> !path.isEmpty())) {
                Tensor y = network.apply(x);
                assertTrue(probe.signals().values().stream().allMatch(s -> Double.isNaN(s.gradient())));
                y.sum().backward();
                List<SignalProbe.Signal> signals = List.copyOf(probe.signals().values());
                assertEquals(6, signals.size());
                for (int i = 1; i < 6; i++) {
                    double forwards =
                            signals.get(i).output() / signals.get(i - 1).output();
                    assertEquals(gain, forwards, 0.1 * gain);
                }
                assertEquals(1, signals.get(5).gradient(), 1e-6);
                assertEquals(Math.pow(gain, 5), signals.get(0).gradient(), 0.5 * Math.pow(gain, 5));
                SequencedMap<String, Double> norms = SignalProbe.gradientNorms(network);
                double first = network.parameters()
                        .get("0.weight")
                        .gradient()
                        .square()
                        .sum()
                        .item();
                assertEquals(Math.sqrt(first), norms.get("0.weight"), 1e-4 * Math.sqrt(first));
            }
        }
    }

    @Test
    void changesNothingAndStopsWhenClosed() {
        Layer network = network(1);
        Tensor x = new RandomStream(2).normal(DType.FLOAT32, 4, WIDTH);
        float[] plain = network.apply(x).toFloatArray();
        SignalProbe probe = new SignalProbe(network, path -> path.equals("3"));
        assertArrayEquals(plain, network.apply(x).toFloatArray());
        double seen = probe.signals().get("3").output();
        probe.close();
        network.apply(x.mul(2));
        assertEquals(seen, probe.signals().get("3").output());
        assertThrows(IllegalArgumentException.class, () -> new SignalProbe(network, path -> path.equals("9")));
    }
}
