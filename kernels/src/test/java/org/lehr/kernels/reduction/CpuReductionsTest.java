package org.lehr.kernels.reduction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels.Reduction;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

class CpuReductionsTest {

    private static final CpuReductions KERNELS = new CpuReductions();
    private static final long[][] SHAPES = {
        {}, {1}, {7}, {131}, {4099}, {5, 3}, {3, 67}, {131, 17}, {2, 5, 37}, {3, 2, 16, 5}, {0, 3}, {3, 0}, {9001, 2}
    };

    @ParameterizedTest
    @EnumSource(
            value = Reduction.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"ANY", "ALL"})
    @Tag("widths")
    void everySubsetOfDimensionsAgreesWithTheDefinition(Reduction reduction) {
        Random random = new Random(7);
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16}) {
            for (long[] shape : SHAPES) {
                for (int[] dimensions : subsets(shape.length)) {
                    double scale = reduction == Reduction.PRODUCT ? 0.01 : 1;
                    double center = reduction == Reduction.PRODUCT ? 1 : 0.3;
                    double[] numbers = random.doubles(4099 * 5, -scale, scale).toArray();
                    IntToDoubleFunction value = i -> center + numbers[i % numbers.length];
                    check(reduction, Sample.dense(dtype, value, shape), dimensions, random);
                    check(reduction, Sample.scattered(random, dtype, value, shape), dimensions, random);
                }
            }
        }
    }

    private static void check(Reduction reduction, View in, int[] dimensions, Random random) {
        long[] shape = Sample.reduced(in.shape(), dimensions);
        View dense = Sample.dense(in.dtype(), i -> -7, shape);
        View scattered = Sample.scattered(random, in.dtype(), i -> -7, shape);
        KERNELS.reduce(reduction, dense, in, dimensions);
        KERNELS.reduce(reduction, scattered, in, dimensions);
        double[] got = Sample.values(dense);
        assertArrayEquals(got, Sample.values(scattered), "the output's strides must not matter");
        List<double[]> groups = groups(in, dimensions);
        for (int i = 0; i < got.length; i++) {
            double[] group = groups.get(i);
            double expected = Oracle.reduce(reduction, group);
            double tolerance = Oracle.tolerance(reduction, in.dtype(), group);
            String what = reduction + " of " + in + Arrays.toString(in.strides()) + " along "
                    + Arrays.toString(dimensions) + " at " + i;
            assertEquals(expected, got[i], Double.isFinite(expected) ? tolerance : 0, what);
        }
    }

    /// The inputs of each output, both in row-major order.
    private static List<double[]> groups(View in, int... dimensions) {
        long[] shape = Sample.reduced(in.shape(), dimensions);
        long[] steps = View.rowMajorStrides(shape);
        for (int dimension : dimensions) {
            steps[dimension] = 0;
        }
        double[] values = Sample.values(in);
        int outputs = 1;
        for (long extent : shape) {
            outputs *= (int) extent;
        }
        List<List<Double>> lists = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            lists.add(new ArrayList<>());
        }
        Walk walk = new Walk(in.shape(), steps);
        for (double value : values) {
            lists.get((int) walk.offset()).add(value);
            walk.next();
        }
        return lists.stream()
                .map(list -> list.stream().mapToDouble(x -> x).toArray())
                .toList();
    }

    private static List<int[]> subsets(int rank) {
        List<int[]> subsets = new ArrayList<>();
        for (int bits = 0; bits < 1 << rank; bits++) {
            int mask = bits;
            subsets.add(
                    IntStream.range(0, rank).filter(d -> (mask >> d & 1) == 1).toArray());
        }
        return subsets;
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"INT64", "INT32", "UINT8"})
    void integersAreExact(DType dtype) {
        Random random = new Random(3);
        for (long[] shape : SHAPES) {
            for (int[] dimensions : subsets(shape.length)) {
                IntToDoubleFunction value = i -> (i * 31 + 7) % 23 - (dtype == DType.UINT8 ? 0 : 11);
                View in = Sample.scattered(random, dtype, value, shape);
                for (Reduction reduction : new Reduction[] {Reduction.SUM, Reduction.MAX, Reduction.MIN}) {
                    DType result = dtype == DType.UINT8 && reduction == Reduction.SUM ? DType.INT64 : dtype;
                    View out = Sample.dense(result, i -> 1, Sample.reduced(shape, dimensions));
                    KERNELS.reduce(reduction, out, in, dimensions);
                    double[] got = Sample.values(out);
                    List<double[]> groups = groups(in, dimensions);
                    for (int i = 0; i < got.length; i++) {
                        if (groups.get(i).length > 0) {
                            assertEquals(Oracle.reduce(reduction, groups.get(i)), got[i]);
                        }
                    }
                }
            }
        }
    }

    @Test
    void integerProductsWrapAroundAndEmptyOnesHaveIdentities() {
        View out = Sample.dense(DType.INT32, i -> 0, 1);
        KERNELS.reduce(Reduction.PRODUCT, out, Sample.dense(DType.INT32, i -> i + 1, 13), 0);
        assertEquals((int) 6227020800L, Sample.values(out)[0]);
        View nothing = Sample.dense(DType.INT32, i -> 0, 0);
        KERNELS.reduce(Reduction.PRODUCT, out, nothing, 0);
        assertEquals(1, Sample.values(out)[0]);
        KERNELS.reduce(Reduction.MAX, out, nothing, 0);
        assertEquals(Integer.MIN_VALUE, Sample.values(out)[0]);
        KERNELS.reduce(Reduction.MIN, out, nothing, 0);
        assertEquals(Integer.MAX_VALUE, Sample.values(out)[0]);
    }

    @Test
    void boolCountsAndCombines() {
        for (int n : new int[] {0, 1, 5, 70001}) {
            for (int set : new int[] {-1, 0, n - 1}) {
                View one = Sample.dense(DType.BOOL, i -> i == set ? 1 : 0, n);
                View allButOne = Sample.dense(DType.BOOL, i -> i == set ? 0 : 1, n);
                boolean there = set >= 0 && n > 0;
                View out = Sample.dense(DType.BOOL, i -> 1, 1);
                KERNELS.reduce(Reduction.ANY, out, one, 0);
                assertEquals(there ? 1 : 0, Sample.values(out)[0]);
                KERNELS.reduce(Reduction.ALL, out, allButOne, 0);
                assertEquals(there ? 0 : 1, Sample.values(out)[0]);
                View count = Sample.dense(DType.INT64, i -> 1, 1);
                KERNELS.reduce(Reduction.SUM, count, allButOne, 0);
                assertEquals(there ? n - 1 : n, Sample.values(count)[0]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 63, 65, 100, 4095, 4097, 10007})
    @Tag("widths")
    void nanWinsOverTheExtremesWhereverItIs(int n) {
        for (int place : new int[] {0, n / 2, n - 1}) {
            for (Reduction reduction : new Reduction[] {Reduction.MAX, Reduction.MIN}) {
                View row = Sample.dense(DType.FLOAT32, i -> i == place ? Double.NaN : i % 7, 1, n);
                View out = Sample.dense(DType.FLOAT32, i -> 0, 1, 1);
                KERNELS.reduce(reduction, out, row, 1);
                assertTrue(Double.isNaN(Sample.values(out)[0]), reduction + " of " + n + " with NaN at " + place);
                View column = Sample.dense(DType.FLOAT32, i -> i == place * 19 ? Double.NaN : i % 7, n, 19);
                View columns = Sample.dense(DType.FLOAT32, i -> 0, 1, 19);
                KERNELS.reduce(reduction, columns, column, 0);
                double[] got = Sample.values(columns);
                assertTrue(Double.isNaN(got[0]));
                assertTrue(Double.isFinite(got[1]) && Double.isFinite(got[18]));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64", "BFLOAT16"})
    @Tag("widths")
    void logSumExpKeepsInfinities(DType dtype) {
        double infinity = Double.POSITIVE_INFINITY;
        for (int n : new int[] {1, 3, 17, 5000}) {
            assertEquals(-infinity, logSumExp(Sample.dense(dtype, i -> -infinity, n)));
            assertEquals(infinity, logSumExp(Sample.dense(dtype, i -> i == n / 2 ? infinity : -infinity, n)));
            assertEquals(2, logSumExp(Sample.dense(dtype, i -> i == n / 2 ? 2 : -infinity, n)));
            assertTrue(Double.isNaN(logSumExp(Sample.dense(dtype, i -> i == n / 2 ? Double.NaN : 1, n))));
            double expected = 30000 + Math.log(n);
            assertEquals(
                    expected, logSumExp(Sample.dense(dtype, i -> 29952, n)) + 48, dtype == DType.BFLOAT16 ? 200 : 0.01);
        }
        View columns = Sample.dense(dtype, i -> i % 40 == 0 ? -infinity : i % 40 == 1 && i > 40 ? infinity : 1, 9, 40);
        View out = Sample.dense(dtype, i -> 0, 1, 40);
        KERNELS.reduce(Reduction.LOGSUMEXP, out, columns, 0);
        assertEquals(-infinity, Sample.values(out)[0]);
        assertEquals(infinity, Sample.values(out)[1]);
        assertEquals(1 + Math.log(9), Sample.values(out)[39], dtype == DType.BFLOAT16 ? 0.01 : 1e-6);
    }

    private static double logSumExp(View in) {
        View out = Sample.dense(in.dtype(), i -> 0, 1);
        KERNELS.reduce(Reduction.LOGSUMEXP, out, in, 0);
        return Sample.values(out)[0];
    }

    @Test
    void tenMillionNumbersThatCancelAddUpToWithinTheirRounding() {
        int n = 10_000_019;
        Random random = new Random(11);
        float[] x = new float[n];
        double exact = 0;
        double absolute = 0;
        for (int i = 0; i < n; i++) {
            x[i] = (float) (random.nextGaussian() + (i % 2 == 0 ? 1000 : -1000));
            exact += x[i];
            absolute += Math.abs(x[i]);
        }
        View in = Sample.dense(DType.FLOAT32, i -> x[i], n);
        View out = Sample.dense(DType.FLOAT32, i -> 0, 1);
        KERNELS.reduce(Reduction.SUM, out, in, 0);
        double bound = Math.ulp(1f) / 2 * absolute;
        assertEquals(exact, Sample.values(out)[0], bound);
        in.storage().release();
    }

    @Test
    void varianceSurvivesALargeMean() {
        Random random = new Random(5);
        float[] x = new float[20011];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) (4096 + random.nextGaussian());
        }
        View in = Sample.dense(DType.FLOAT32, i -> x[i], x.length);
        View out = Sample.dense(DType.FLOAT32, i -> 0, 1);
        KERNELS.reduce(Reduction.SUM_SQUARED_DEVIATIONS, out, in, 0);
        double expected = Oracle.reduce(Reduction.SUM_SQUARED_DEVIATIONS, Sample.values(in));
        assertEquals(expected, Sample.values(out)[0], expected * 1e-5);
    }

    @Test
    void aPermutedViewReducesToTheSameBits() {
        View in = Sample.dense(DType.FLOAT32, i -> Math.sin(i), 37, 11, 53);
        View permuted = new View(in.storage(), in.dtype(), 0, new long[] {53, 37, 11}, new long[] {1, 583, 53});
        View a = Sample.dense(DType.FLOAT32, i -> 0, 1, 1, 1);
        View b = Sample.dense(DType.FLOAT32, i -> 0, 1, 1, 1);
        KERNELS.reduce(Reduction.SUM, a, in, 0, 1, 2);
        KERNELS.reduce(Reduction.SUM, b, permuted, 0, 1, 2);
        assertArrayEquals(Sample.values(a), Sample.values(b));
    }

    @Test
    void repeatedElementsCountAsOftenAsTheyAppear() {
        View few = Sample.dense(DType.FLOAT32, i -> i + 1, 3);
        View repeated = new View(few.storage(), few.dtype(), 0, new long[] {5, 3}, new long[] {0, 1});
        View out = Sample.dense(DType.FLOAT32, i -> 0, 1, 3);
        KERNELS.reduce(Reduction.SUM, out, repeated, 0);
        assertArrayEquals(new double[] {5, 10, 15}, Sample.values(out));
        View all = Sample.dense(DType.FLOAT32, i -> 0, 1, 1);
        KERNELS.reduce(Reduction.SUM, all, repeated, 0, 1);
        assertArrayEquals(new double[] {30}, Sample.values(all));
    }

    @ParameterizedTest
    @EnumSource(
            value = Reduction.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"ANY", "ALL"})
    void anyNumberOfThreadsGivesTheSameBits(Reduction reduction) {
        long[][] shapes = {{300_007}, {4099, 83}, {83, 4099}, {13, 521, 31}, {7, 31, 1201}};
        for (long[] shape : shapes) {
            View in = Sample.dense(DType.FLOAT32, i -> Math.sin(i * 0.7) + 0.1, shape);
            for (int[] dimensions : subsets(shape.length)) {
                double[][] results = new double[3][];
                int[] threads = {1, 2, 5};
                for (int t = 0; t < 3; t++) {
                    View out = Sample.dense(DType.FLOAT32, i -> 0, Sample.reduced(shape, dimensions));
                    Workers.with(threads[t], () -> KERNELS.reduce(reduction, out, in, dimensions));
                    results[t] = Sample.values(out);
                }
                assertArrayEquals(results[0], results[1]);
                assertArrayEquals(results[0], results[2]);
            }
        }
    }

    @Test
    void errorsNameTheOperationAndTheDtypes() {
        View ints = Sample.dense(DType.INT32, i -> i, 3);
        View out = Sample.dense(DType.INT32, i -> i, 1);
        IllegalArgumentException mean =
                assertThrows(IllegalArgumentException.class, () -> KERNELS.reduce(Reduction.MEAN, out, ints, 0));
        assertEquals("reduce: MEAN of int32 into int32 is not defined", mean.getMessage());
        IllegalArgumentException shape =
                assertThrows(IllegalArgumentException.class, () -> KERNELS.reduce(Reduction.SUM, ints, ints, 0));
        assertEquals("reduce: reducing int32[3] along [0] gives [1], not int32[3]", shape.getMessage());
        assertThrows(IndexOutOfBoundsException.class, () -> KERNELS.reduce(Reduction.SUM, out, ints, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> KERNELS.reduce(Reduction.SUM, out, ints, 0, 0));
    }
}
