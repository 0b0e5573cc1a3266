package org.lehr.kernels.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.parallel.Workers;

@Tag("widths")
class CpuRandomsTest {

    private static final long KEY = 0x5DEECE66D1234567L;
    private static final long COUNTER = 0xFFFFFFF0L;
    private static final int MANY = 1_000_003;

    private final CpuRandoms randoms = new CpuRandoms(0);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5, 15, 16, 17, 67, 1023, 1025, 16_387})
    void uniformsAreTheTopBitsOfTheirWords(int n) {
        int[] words = words(n);
        View f32 = filled(DType.FLOAT32, n, view -> randoms.uniform(view, KEY, COUNTER));
        View f64 = filled(DType.FLOAT64, n, view -> randoms.uniform(view, KEY, COUNTER));
        View bf16 = filled(DType.BFLOAT16, n, view -> randoms.uniform(view, KEY, COUNTER));
        for (int i = 0; i < n; i++) {
            assertEquals((words[i] >>> 8) / 16777216.0, value(f32, i));
            assertEquals((words[i] >>> 24) / 256.0, value(bf16, i));
            long both = (long) words[2 * i] << 32 | words[2 * i + 1] & 0xFFFFFFFFL;
            assertEquals((both >>> 11) / 0x1p53, value(f64, i));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5, 15, 16, 17, 67, 1023, 1025, 16_387})
    void normalsAreTheBoxMullerPairsOfTheirWords(int n) {
        int[] words = words(n);
        View f32 = filled(DType.FLOAT32, n, view -> randoms.normal(view, KEY, COUNTER));
        View f64 = filled(DType.FLOAT64, n, view -> randoms.normal(view, KEY, COUNTER));
        View bf16 = filled(DType.BFLOAT16, n, view -> randoms.normal(view, KEY, COUNTER));
        float[] reference = new float[n + 1];
        NormalKernel.reference(reference, words, (n + 1) / 2);
        for (int i = 0; i < n; i++) {
            int pair = i & ~1;
            double u = roundedToFloat32(words[pair]);
            double z = polar(u, (words[pair + 1] & 0xFFFFFFFFL) / 0x1p32, i % 2);
            assertEquals(z, value(f32, i), 1e-6 * Math.max(1, Math.abs(z)));
            assertEquals(reference[i], (float) value(f32, i), "bits of element " + i);
            assertEquals(value(f32, i), value(bf16, i), Math.abs(z) / 256);
            assertEquals(
                    polar(1 - pairUniform(words, 2 * pair), pairUniform(words, 2 * pair + 2), i % 2),
                    value(f64, i),
                    1e-14 * Math.max(1, Math.abs(z) + Math.abs(value(f64, i))));
        }
    }

    /// Vectors and scalar code over words at the edges: the smallest and largest `u`, all octants.
    @Test
    void normalsAtTheEdgesAreFiniteAndEqualTheReference() {
        int[] edges = {
            0,
            1,
            2,
            3,
            -1,
            -2,
            Integer.MIN_VALUE,
            Integer.MAX_VALUE,
            1 << 29,
            (1 << 29) - 1,
            3 << 29,
            5 << 29,
            7 << 29,
            (7 << 29) - 1,
            0x3F3504F3,
            0xB504F334,
            0xB504F333
        };
        int[] words = new int[2 * edges.length * edges.length];
        int at = 0;
        for (int a : edges) {
            for (int b : edges) {
                words[at++] = a;
                words[at++] = b;
            }
        }
        float[] expected = new float[words.length];
        NormalKernel.reference(expected, words, words.length / 2);
        float[] actual = new float[words.length];
        NormalKernel.forward(MemorySegment.ofArray(actual), 0, words, words.length / 2);
        assertArrayEquals(expected, actual, 0f);
        for (int i = 0; i < words.length; i++) {
            double u = roundedToFloat32(words[i & ~1]);
            assertEquals(polar(u, (words[i | 1] & 0xFFFFFFFFL) / 0x1p32, i % 2), expected[i], 2e-6);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 10, 1 << 20, (1L << 31) - 1, 1L << 31})
    void integersAreMultiplyShifts(long bound) {
        int n = 1031;
        int[] words = words(n);
        View i64 = filled(DType.INT64, n, view -> randoms.integers(view, bound, KEY, COUNTER));
        View i32 = filled(DType.INT32, n, view -> randoms.integers(view, bound, KEY, COUNTER));
        for (int i = 0; i < n; i++) {
            long expected = (long) Math.floor((words[i] & 0xFFFFFFFFL) / 0x1p32 * bound);
            assertEquals(expected, i64.storage().segment().getAtIndex(ValueLayout.JAVA_LONG, i));
            assertEquals(expected, i32.storage().segment().getAtIndex(ValueLayout.JAVA_INT, i));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64", "BFLOAT16"})
    void dropoutKeepsWhereTheUniformIsAtLeastP(DType dtype) {
        int n = 2_053;
        View uniform = filled(DType.FLOAT32, n, view -> randoms.uniform(view, KEY, COUNTER));
        View x = filled(dtype, n, view -> randoms.normal(view, 7, 0));
        for (double p : new double[] {0, 0.1, 0.25, 0.5, 0.9, 1}) {
            View out = filled(dtype, n, view -> randoms.dropout(view, x, p, KEY, COUNTER));
            for (int i = 0; i < n; i++) {
                double expected = value(uniform, i) >= p ? value(x, i) / (1 - p) : 0;
                double tolerance = Math.abs(expected) * (dtype == DType.BFLOAT16 ? 0x1p-8 : 0x1p-22);
                assertEquals(expected, value(out, i), tolerance);
            }
        }
    }

    @Test
    void dropoutWorksInPlaceAndDropsNonFiniteValues() {
        int n = 101;
        View x = filled(DType.FLOAT32, n, view -> {});
        for (int i = 0; i < n; i++) {
            x.storage()
                    .segment()
                    .setAtIndex(ValueLayout.JAVA_FLOAT, i, i % 2 == 0 ? Float.NaN : Float.POSITIVE_INFINITY);
        }
        randoms.dropout(x, x, 1, KEY, COUNTER);
        for (int i = 0; i < n; i++) {
            assertEquals(0.0, value(x, i));
        }
    }

    @Test
    void fillsContinueAtTheNextCounter() {
        int n = 3 * (1 << 14) + 1000;
        int first = (1 << 14) + 364;
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16}) {
            int perBlock = dtype == DType.FLOAT64 ? 2 : 4;
            View whole = filled(dtype, n, view -> randoms.normal(view, KEY, COUNTER));
            View halves = filled(dtype, n, view -> {
                randoms.normal(part(view, 0, first), KEY, COUNTER);
                randoms.normal(part(view, first, n - first), KEY, COUNTER + first / perBlock);
            });
            assertEquals(-1, whole.storage().segment().mismatch(halves.storage().segment()));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void bitsDoNotDependOnThreads(int threads) {
        View expected = Workers.with(1, () -> filled(DType.FLOAT32, MANY, view -> randoms.normal(view, KEY, 0)));
        View actual = Workers.with(threads, () -> filled(DType.FLOAT32, MANY, view -> randoms.normal(view, KEY, 0)));
        assertEquals(-1, expected.storage().segment().mismatch(actual.storage().segment()));
    }

    @Test
    void nothingOutsideTheViewIsWritten() {
        View whole = filled(DType.FLOAT32, 100, view -> {});
        whole.storage().segment().fill((byte) 0x55);
        randoms.normal(part(whole, 3, 37), KEY, COUNTER);
        float untouched = Float.intBitsToFloat(0x55555555);
        for (int i = 0; i < 100; i++) {
            assertEquals(i < 3 || i >= 40, value(whole, i) == untouched, "element " + i);
        }
    }

    /// Means of n samples have a standard deviation of σ/√n; five of them are allowed.
    @Test
    void momentsAreThoseOfTheDistributions() {
        View uniform = filled(DType.FLOAT32, MANY, view -> randoms.uniform(view, KEY, 0));
        View normal = filled(DType.FLOAT32, MANY, view -> randoms.normal(view, KEY + 1, 0));
        double[] u = new double[4];
        double[] z = new double[5];
        double lagged = 0;
        for (int i = 0; i < MANY; i++) {
            for (int power = 1; power < z.length; power++) {
                z[power] += Math.pow(value(normal, i), power) / MANY;
                if (power < u.length) {
                    u[power] += Math.pow(value(uniform, i), power) / MANY;
                }
            }
            lagged += i == 0 ? 0 : value(normal, i) * value(normal, i - 1) / MANY;
        }
        double root = Math.sqrt(MANY);
        assertEquals(0.5, u[1], 5 * Math.sqrt(1 / 12.0) / root);
        assertEquals(1 / 3.0, u[2], 5 * Math.sqrt(4 / 45.0) / root);
        assertEquals(1 / 4.0, u[3], 5 * Math.sqrt(9 / 112.0) / root);
        assertEquals(0, z[1], 5 / root);
        assertEquals(1, z[2], 5 * Math.sqrt(2) / root);
        assertEquals(0, z[3], 5 * Math.sqrt(15) / root);
        assertEquals(3, z[4], 5 * Math.sqrt(96) / root);
        assertEquals(0, lagged, 5 / root);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 40_000, Long.MAX_VALUE})
    void scalarAndVectorCodeMakeTheSameBits(long scalarWords) {
        CpuRandoms scalarFirst = new CpuRandoms(scalarWords);
        int n = 100_003;
        View expected = filled(DType.FLOAT32, n, view -> randoms.normal(view, KEY, COUNTER));
        View actual = filled(DType.FLOAT32, n, view -> scalarFirst.normal(view, KEY, COUNTER));
        assertEquals(-1, expected.storage().segment().mismatch(actual.storage().segment()));
    }

    @Test
    void unsuitableArgumentsAreNamed() {
        View ints = filled(DType.INT32, 4, view -> {});
        View floats = filled(DType.FLOAT32, 4, view -> {});
        View transposed = new View(floats.storage(), DType.FLOAT32, 0, new long[] {2, 2}, new long[] {1, 2});
        assertMessage("uniform: cannot make int32", () -> randoms.uniform(ints, 0, 0));
        assertMessage("normal: cannot make int32", () -> randoms.normal(ints, 0, 0));
        assertMessage("integers: cannot make float32", () -> randoms.integers(floats, 3, 0, 0));
        assertMessage("integers: the bound must be from 1 to 2^31, got 0", () -> randoms.integers(ints, 0, 0, 0));
        assertMessage(
                "dropout: the probability must be in [0, 1], got 1.5",
                () -> randoms.dropout(floats, floats, 1.5, 0, 0));
        assertMessage("uniform: expected a dense array", () -> randoms.uniform(transposed, 0, 0));
    }

    private static void assertMessage(String start, org.junit.jupiter.api.function.Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.startsWith(start), message);
    }

    /// The Box-Muller `u` of a word: 30 bits, which float32 rounds when they are many.
    private static double roundedToFloat32(int word) {
        return (float) ((2.0 * (word >>> 2) + 1) / 0x1p31);
    }

    private static double polar(double u, double turn, int which) {
        double radius = Math.sqrt(-2 * Math.log(u));
        return radius * (which == 0 ? Math.cos(2 * Math.PI * turn) : Math.sin(2 * Math.PI * turn));
    }

    private static double pairUniform(int[] words, int at) {
        return (((long) words[at] << 32 | words[at + 1] & 0xFFFFFFFFL) >>> 11) / 0x1p53;
    }

    /// More than enough words for `n` elements of two words each.
    private static int[] words(int n) {
        int[] words = new int[2 * n + 8 & ~3];
        PhiloxKernel.reference(words, words.length / 4, KEY, COUNTER);
        return words;
    }

    private static View filled(DType dtype, int n, Consumer<View> fill) {
        View view = View.rowMajor(Pool.host().allocate((long) n * dtype.bytes(), "test"), dtype, n);
        fill.accept(view);
        return view;
    }

    private static View part(View view, long from, long n) {
        return new View(view.storage(), view.dtype(), view.offset() + from, new long[] {n}, new long[] {1});
    }

    private static double value(View view, int i) {
        MemorySegment memory = view.storage().segment();
        return switch (view.dtype()) {
            case FLOAT32 -> memory.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            case FLOAT64 -> memory.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            case BFLOAT16 -> Float.intBitsToFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, i) << 16);
            case INT64, INT32, UINT8, BOOL -> throw new IllegalArgumentException(view.toString());
        };
    }
}
