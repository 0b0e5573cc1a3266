package org.lehr.cuda.ptx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CorrectKernelTest {

    private final Kernels kernels = new Kernels("correct");
    private final SplittableRandom random = new SplittableRandom(17);

    private float[] numbers(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextDouble(-2, 2);
        }
        return numbers;
    }

    @Test
    void softmax() {
        int rows = 3;
        int n = 77;
        float[] in = numbers(rows * n);
        long out = kernels.room(4L * rows * n);
        kernels.launch("softmax", rows, 96, out, kernels.of(in), n);
        float[] result = kernels.floats(out, rows * n);
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += Math.exp(in[row * n + i]);
            }
            for (int i = 0; i < n; i++) {
                assertEquals(Math.exp(in[row * n + i]) / sum, result[row * n + i], 1e-8);
            }
        }
    }

    @Test
    void matrixProduct() {
        int n = 37;
        float[] a = numbers(n * n);
        float[] b = numbers(n * n);
        long out = kernels.room(4L * n * n);
        kernels.launch("multiply", new Extent(3, 3, 1), new Extent(16, 16, 1), 0, out, kernels.of(a), kernels.of(b), n);
        float[] expected = new float[n * n];
        for (int row = 0; row < n; row++) {
            for (int column = 0; column < n; column++) {
                float sum = 0;
                for (int k = 0; k < n; k++) {
                    sum = Math.fma(a[row * n + k], b[k * n + column], sum);
                }
                expected[row * n + column] = sum;
            }
        }
        assertArrayEquals(expected, kernels.floats(out, n * n));
    }

    @Test
    void sort() {
        int[] numbers = random.ints(256).toArray();
        long at = kernels.of(numbers);
        kernels.launch("sort", 1, 256, at);
        Arrays.sort(numbers);
        assertArrayEquals(numbers, kernels.ints(at, 256));
    }

    /// The words that the authors' own test vectors have for the counter and key of zeros.
    @Test
    void philox() {
        long out = kernels.room(16 * 64);
        kernels.launch("philox", 2, 32, out, 0L);
        int[] words = kernels.ints(out, 4);
        assertArrayEquals(new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}, words);
    }

    @Test
    void functionsOfTheLibrary() {
        double[] in = random.doubles(64, -2, 2).toArray();
        long out = kernels.room(8 * 64);
        long single = kernels.room(4 * 64);
        kernels.launch("functions", 1, 64, out, kernels.of(in), single);
        double[] results = kernels.doubles(out, 64);
        float[] singles = kernels.floats(single, 64);
        for (int i = 0; i < 64; i++) {
            double x = in[i];
            double expected = Math.exp(x)
                    + Math.log(Math.abs(x) + 1)
                    + Math.sqrt(Math.abs(x))
                    + Math.tanh(x)
                    + erf(x)
                    + Math.sin(x * 1000)
                    + Math.cos(x)
                    + Math.pow(Math.abs(x), 1.7);
            if (i % 3 == 0) {
                expected += (float) Math.pow((float) x, i & 7);
            } else if (i % 3 == 1) {
                expected -= (float) Math.pow((float) x + 1, i & 7);
            }
            assertEquals(expected, results[i], 2e-3 * Math.max(1, Math.abs(expected)) * 1e-2, "at " + x);
            float s = (float) x;
            double inSingle = Math.pow(Math.abs(s), 2.3f)
                    + Math.tanh(s)
                    + erf(s)
                    + Math.log1p(Math.abs(s))
                    + Math.cos(s * 1e6f)
                    + Math.exp(s)
                    + s % 3.0f;
            assertEquals(inSingle, singles[i], 1e-5, "at " + x);
        }
    }

    /// By its power series, which converges for all numbers.
    private static double erf(double x) {
        double sum = 0;
        double term = x;
        for (int n = 0; n < 80; n++) {
            sum += term / (2 * n + 1);
            term *= -x * x / (n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }

    @Test
    void threadsThatPartMeetAgain() {
        int[] in = random.ints(32, 1, 500).toArray();
        long out = kernels.room(128);
        kernels.launch("parting", 1, 32, out, kernels.of(in));
        int odd = (int) Arrays.stream(in).filter(v -> v % 2 == 1).count();
        int[] expected = new int[32];
        for (int i = 0; i < 32; i++) {
            int steps = 0;
            for (int v = in[i]; v != 1; v = v % 2 == 1 ? 3 * v + 1 : v / 2) {
                steps++;
            }
            steps = switch (in[i] & 7) {
                case 0 -> steps + 1000;
                case 1 -> steps * 2;
                case 2 -> steps ^ 77;
                case 3 -> steps - i;
                case 4 -> steps << 2;
                case 5 -> steps | 4096;
                case 6 -> ~steps;
                default -> -steps;
            };
            expected[i] = steps + 100_000 * odd;
        }
        assertArrayEquals(expected, kernels.ints(out, 32));
    }

    @Test
    void histogram() {
        byte[] in = new byte[5000];
        random.nextBytes(in);
        long counts = kernels.of(new int[16]);
        kernels.launch("histogram", 3, 64, counts, kernels.of(in), in.length);
        int[] expected = new int[16];
        for (byte b : in) {
            expected[b & 15]++;
        }
        assertArrayEquals(expected, kernels.ints(counts, 16));
    }

    @Test
    void lanesShareMemoryAcrossTheirBarrier() {
        float[] in = numbers(32);
        long out = kernels.room(128);
        kernels.launch("transposeInWarp", 1, 32, out, kernels.of(in));
        float[] expected = new float[32];
        for (int i = 0; i < 32; i++) {
            expected[i] = in[31 - (i ^ 3)] * 2;
        }
        assertArrayEquals(expected, kernels.floats(out, 32));
    }

    @Test
    void fencesAndAtomicsOrderBlocks() {
        float[] in = numbers(40);
        long sum = kernels.room(4);
        kernels.launch("lastBlockAdds", 5, 32, kernels.room(20), kernels.of(0), sum, kernels.of(in));
        float expected = 0;
        for (int block = 0; block < 5; block++) {
            float part = 0;
            for (int i = 0; i < 8; i++) {
                part += in[8 * block + i];
            }
            expected += part;
        }
        assertEquals(expected, kernels.floats(sum, 1)[0]);
    }

    @Test
    void tensorCores() {
        float[] c = numbers(128);
        short[] a = new short[256];
        short[] b = new short[128];
        for (int i = 0; i < 256; i++) {
            a[i] = (short) (Float.floatToRawIntBits((float) random.nextDouble(-2, 2)) >>> 16);
            b[i / 2] = (short) (Float.floatToRawIntBits((float) random.nextDouble(-2, 2)) >>> 16);
        }
        long out = kernels.room(512);
        kernels.launch("tensorCore", 1, 32, out, kernels.of(a), kernels.of(b), kernels.of(c));
        float[] result = kernels.floats(out, 128);
        for (int row = 0; row < 16; row++) {
            for (int column = 0; column < 8; column++) {
                double sum = c[row * 8 + column];
                for (int k = 0; k < 16; k++) {
                    sum += (double) Float.intBitsToFloat(a[row * 16 + k] << 16)
                            * Float.intBitsToFloat(b[k * 8 + column] << 16);
                }
                assertEquals((float) sum, result[row * 8 + column]);
            }
        }
    }

    @Test
    void tensorCoresWithTf32() {
        float[] a = numbers(128);
        float[] b = numbers(64);
        long out = kernels.room(512);
        kernels.launch("tensorCoreTf32", 1, 32, out, kernels.of(a), kernels.of(b));
        float[] result = kernels.floats(out, 128);
        for (int row = 0; row < 16; row++) {
            for (int column = 0; column < 8; column++) {
                double sum = 0;
                for (int k = 0; k < 8; k++) {
                    sum += (double) tf32(a[row * 8 + k]) * tf32(b[k * 8 + column]);
                }
                assertEquals((float) sum, result[row * 8 + column]);
            }
        }
    }

    private static float tf32(float x) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(x) + 0x1000 & 0xffffe000);
    }

    @Test
    void structuresConstantsAndVariables() {
        float[] in = numbers(10);
        long out = kernels.room(4 * 33);
        Number[] parameters = {9L, 2L, 0L, 5L, 7L, 1L, 5, 0, out, kernels.of(in)};
        for (int launch = 1; launch <= 2; launch++) {
            kernels.launch("gather", new Extent(1, 1, 1), new Extent(32, 1, 1), 128, parameters);
            assertEquals(launch, kernels.floats(out, 33)[32]);
        }
        float[] result = kernels.floats(out, 32);
        int[] offsets = {9, 2, 0, 5, 7};
        float[] weights = {0.5f, 1.5f, 2.5f, 3.5f};
        for (int i = 0; i < 32; i++) {
            int from = 31 - i;
            assertEquals(in[offsets[from % 5]] * weights[from % 4], result[i]);
        }
    }
}
