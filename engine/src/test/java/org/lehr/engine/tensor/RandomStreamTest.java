package org.lehr.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lehr.kernels.DType;
import org.lehr.kernels.parallel.Workers;

final class RandomStreamTest {

    @Test
    void theSameSeedGivesTheSameNumbers() {
        assertArrayEquals(
                new RandomStream(5).normal(DType.FLOAT32, 1009).toFloatArray(),
                new RandomStream(5).normal(DType.FLOAT32, 1009).toFloatArray());
        assertFalse(Arrays.equals(
                new RandomStream(5).normal(DType.FLOAT32, 7).toFloatArray(),
                new RandomStream(6).normal(DType.FLOAT32, 7).toFloatArray()));
    }

    @Test
    void aRestoredStreamGoesOnWhereItWas() {
        RandomStream stream = new RandomStream(5);
        stream.uniform(DType.FLOAT32, 13);
        RandomStream.State state = stream.state();
        double[] expected = stream.normal(DType.FLOAT64, 11).toDoubleArray();
        stream.integers(10, 3);
        stream.restore(state);
        assertArrayEquals(expected, stream.normal(DType.FLOAT64, 11).toDoubleArray());
        assertArrayEquals(
                expected, new RandomStream(state).normal(DType.FLOAT64, 11).toDoubleArray());
        assertThrows(IllegalArgumentException.class, () -> new RandomStream(6).restore(state));
    }

    @Test
    void successiveFillsShareNoNumbers() {
        RandomStream stream = new RandomStream(5);
        Set<Double> seen = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            for (double value : stream.uniform(DType.FLOAT64, 1 + i % 3).toDoubleArray()) {
                assertTrue(seen.add(value), "a number came twice");
            }
        }
    }

    @Test
    void splitsDependOnTheirNameAndNotOnWhatTheParentGave() {
        RandomStream parent = new RandomStream(5);
        long before = parent.split("dropout").key();
        parent.uniform(DType.FLOAT32, 100);
        assertEquals(before, parent.split("dropout").key());
        assertEquals(0, parent.split("dropout").state().counter());
    }

    @Test
    void splitsAreIndependent() {
        RandomStream parent = new RandomStream(5);
        Set<Long> keys = new HashSet<>(List.of(parent.key()));
        for (int i = 0; i < 1000; i++) {
            assertTrue(keys.add(parent.split(i).key()));
            assertTrue(keys.add(parent.split("layer" + i).key()));
            assertTrue(keys.add(parent.split(i).split("weights").key()));
        }
        int n = 10007;
        double[] a = parent.split(0).normal(DType.FLOAT64, n).toDoubleArray();
        double[] b = parent.split(1).normal(DType.FLOAT64, n).toDoubleArray();
        double product = 0;
        for (int i = 0; i < n; i++) {
            product += a[i] * b[i];
        }
        // The correlation of independent numbers has standard deviation 1/√n.
        assertEquals(0, product / n, 5 / Math.sqrt(n));
    }

    @Test
    void anyNumberOfThreadsGivesTheSameNumbers() {
        float[] one = Workers.with(
                1, () -> new RandomStream(5).normal(DType.FLOAT32, 100_003).toFloatArray());
        for (int threads : new int[] {2, 5}) {
            assertArrayEquals(
                    one,
                    Workers.with(
                            threads,
                            () -> new RandomStream(5)
                                    .normal(DType.FLOAT32, 100_003)
                                    .toFloatArray()));
        }
    }

    @Test
    void integersStayInTheirRange() {
        long[] values = new RandomStream(5).integers(7, 5003).toLongArray();
        assertEquals(0, Arrays.stream(values).min().orElseThrow());
        assertEquals(6, Arrays.stream(values).max().orElseThrow());
        assertThrows(IllegalArgumentException.class, () -> new RandomStream(5).integers(0, 3));
        assertThrows(IllegalArgumentException.class, () -> new RandomStream(5).integers((1L << 31) + 1, 3));
    }
}
