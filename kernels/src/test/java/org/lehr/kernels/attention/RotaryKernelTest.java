package org.lehr.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// Rotations against their definition.
@Tag("widths")
class RotaryKernelTest {

    private static View view(float[] values, long... shape) {
        MemorySegment memory = java.lang.foreign.Arena.ofAuto().allocate(4L * values.length, 64);
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
        return View.rowMajor(Storage.of(memory, "test"), DType.FLOAT32, shape);
    }

    private static float[] random(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    private static float[] values(View view) {
        return view.storage().segment().toArray(ValueLayout.JAVA_FLOAT);
    }

    @Test
    void rowsTurnAsDefinedAndBackAgain() {
        for (int half : new int[] {1, 3, 8, 16, 19, 37}) {
            int d = 2 * half;
            // Stored as [a, t, h, d], seen as [a, h, t, d].
            float[] stored = random(2 * 5 * 3 * d, half);
            View base = view(stored, 2, 5, 3, d);
            long[] shape = {2, 3, 5, d};
            long[] strides = {15L * d, d, 3L * d, 1};
            View x = new View(base.storage(), DType.FLOAT32, 0, shape, strides);
            float[] cosines = random(5 * half, 7);
            float[] sines = random(5 * half, 8);
            View out = view(new float[stored.length], shape);
            RotaryKernel.run(out, x, view(cosines, 5, half), view(sines, 5, half), false);
            float[] turned = values(out);
            for (int a = 0; a < 2; a++) {
                for (int h = 0; h < 3; h++) {
                    for (int t = 0; t < 5; t++) {
                        double[] row = new double[d];
                        double[] expected = new double[d];
                        double[] c = new double[half];
                        double[] s = new double[half];
                        for (int i = 0; i < d; i++) {
                            row[i] = stored[((a * 5 + t) * 3 + h) * d + i];
                        }
                        for (int i = 0; i < half; i++) {
                            c[i] = cosines[t * half + i];
                            s[i] = sines[t * half + i];
                        }
                        RotaryKernel.reference(expected, row, c, s, 1);
                        for (int i = 0; i < d; i++) {
                            assertEquals(expected[i], turned[((a * 3 + h) * 5 + t) * d + i], 3e-7);
                        }
                    }
                }
            }
        }
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        View x = view(random(2 * 3 * 67 * 34, 1), 2, 3, 67, 34);
        View cos = view(random(67 * 17, 2), 67, 17);
        View sin = view(random(67 * 17, 3), 67, 17);
        float[][] results = new float[3][];
        int[] counts = {1, 2, 5};
        for (int i = 0; i < counts.length; i++) {
            View out = view(new float[2 * 3 * 67 * 34], 2, 3, 67, 34);
            Workers.with(counts[i], () -> RotaryKernel.run(out, x, cos, sin, true));
            results[i] = values(out);
        }
        assertArrayEquals(results[0], results[1]);
        assertArrayEquals(results[0], results[2]);
    }
}
