package org.lehr.kernels.matmul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.MatmulKernels.Activation;
import org.lehr.kernels.MatmulKernels.Epilogue;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

@Tag("widths")
@net.jqwik.api.Tag("widths")
class MatmulKernelTest {

    private static final int[] SIZES = {0, 1, 2, 3, 4, 5, 7, 11, 12, 13, 16, 17, 31, 32, 33, 37, 48, 64, 67, 97, 131};
    private static final int[] DEPTHS = {0, 1, 2, 3, 8, 17, 64, 97, 255, 257, 511, 513, 1031};

    private final SplittableRandom random = new SplittableRandom(20261120);

    @Property(tries = 40)
    void agreesWithTheDefinition(@ForAll @LongRange(min = 0, max = 1L << 40) long seed, @ForAll DTypes dtype) {
        SplittableRandom dice = new SplittableRandom(seed);
        int m = SIZES[dice.nextInt(SIZES.length)];
        int n = SIZES[dice.nextInt(SIZES.length)];
        int k = DEPTHS[dice.nextInt(DEPTHS.length)];
        View a = matrix(dtype.dtype, dice, m, k);
        View b = matrix(dtype.dtype, dice, k, n);
        boolean accumulate = dice.nextInt(4) == 0;
        View c = fresh(dtype.dtype, dice, m, n);
        Epilogue epilogue = accumulate ? scaled(dice) : epilogue(dtype.dtype, dice, m, n);
        compare(c, a, b, accumulate, epilogue, k);
    }

    @Property(tries = 40)
    void stacksBroadcastByZeroStrides(
            @ForAll @IntRange(min = 0, max = 3) int outer,
            @ForAll @IntRange(min = 1, max = 4) int inner,
            @ForAll @IntRange(min = 0, max = 3) int which,
            @ForAll @IntRange(min = 1, max = 120) int m) {
        int k = 37;
        int n = 35;
        View a = fresh(DType.FLOAT32, random, outer, inner, m, k);
        View b = fresh(DType.FLOAT32, random, outer, inner, k, n);
        if ((which & 1) != 0) {
            a = new View(a.storage(), a.dtype(), 0, a.shape(), new long[] {0, 0, k, 1});
        }
        if ((which & 2) != 0) {
            b = new View(b.storage(), b.dtype(), 0, b.shape(), new long[] {(long) k * n, 0, n, 1});
        }
        compare(fresh(DType.FLOAT32, random, outer, inner, m, n), a, b, false, Epilogue.NONE, k);
    }

    @ParameterizedTest
    @EnumSource(DTypes.class)
    void theSameBitsForAnyNumberOfThreads(DTypes dtype) {
        View a = fresh(dtype.dtype, random, 2, 211, 601);
        View b = transposed(fresh(dtype.dtype, random, 2, 307, 601));
        View bias = fresh(dtype.dtype, random, 307);
        View one = fresh(dtype.dtype, random, 2, 211, 307);
        Epilogue epilogue = new Epilogue(0.5, bias, Activation.GELU, null, null);
        Workers.with(1, () -> MatmulKernel.forward(one, a, b, false, epilogue));
        for (int threads : new int[] {2, 5}) {
            View more = fresh(dtype.dtype, random, 2, 211, 307);
            Workers.with(threads, () -> MatmulKernel.forward(more, a, b, false, epilogue));
            long bytes = one.size() * dtype.dtype.bytes();
            assertEquals(
                    -1,
                    one.storage()
                            .segment()
                            .asSlice(0, bytes)
                            .mismatch(more.storage().segment().asSlice(0, bytes)),
                    threads + " threads");
        }
    }

    @Test
    void oneRightMatrixForAStack() {
        View b = fresh(DType.FLOAT32, random, 37, 65);
        long[] shape = {2, 3, 37, 65};
        View repeated = new View(b.storage(), DType.FLOAT32, 0, shape, new long[] {0, 0, 65, 1});
        View a = fresh(DType.FLOAT32, random, 2, 3, 29, 37);
        View residual = fresh(DType.FLOAT32, random, 2, 3, 29, 65);
        View before = fresh(DType.FLOAT32, random, 2, 3, 29, 65);
        Epilogue epilogue = new Epilogue(1, fresh(DType.FLOAT32, random, 65), Activation.RELU, residual, before);
        compare(fresh(DType.FLOAT32, random, 2, 3, 29, 65), a, repeated, false, epilogue, 37);
        long[] strides = {29L * 37, 2L * 29 * 37, 37, 1};
        View exchanged = new View(a.storage(), DType.FLOAT32, 0, a.shape(), strides);
        compare(fresh(DType.FLOAT32, random, 2, 3, 29, 65), exchanged, repeated, false, epilogue, 37);
    }

    @Test
    void whatComesAfterTheProductMayHaveAnyStrides() {
        View a = fresh(DType.FLOAT32, random, 40, 33);
        View b = fresh(DType.FLOAT32, random, 33, 70);
        View repeated =
                new View(fresh(DType.FLOAT32, random, 1).storage(), DType.FLOAT32, 0, new long[] {70}, new long[] {0});
        View residual = transposed(fresh(DType.FLOAT32, random, 70, 40));
        View before = transposed(fresh(DType.FLOAT32, random, 70, 40));
        View c = fresh(DType.FLOAT32, random, 40, 70);
        View wanted = copy(c);
        MatmulKernel.reference(wanted, a, b, false, new Epilogue(1, repeated, Activation.GELU_TANH, residual, null));
        MatmulKernel.forward(c, a, b, false, new Epilogue(1, repeated, Activation.GELU_TANH, residual, before));
        assertClose(wanted, c, 33);
        View sums = fresh(DType.FLOAT32, random, 40, 70);
        MatmulKernel.reference(sums, a, b, false, Epilogue.bias(repeated));
        for (long i = 0; i < 40; i++) {
            for (long j = 0; j < 70; j++) {
                double x = Element.get(DType.FLOAT32, sums.storage().segment(), i * 70 + j);
                assertEquals(x, Element.get(DType.FLOAT32, before.storage().segment(), j * 40 + i), 1e-5);
            }
        }
    }

    @Test
    void aVectorTimesAMatrix() {
        for (int k : new int[] {1, 15, 64, 143, 600}) {
            for (int few = 1; few <= 9; few += 2) {
                View rows = fresh(DType.FLOAT32, random, 129, k);
                View vectors = fresh(DType.FLOAT32, random, few, k);
                Epilogue bias = new Epilogue(0.5, fresh(DType.FLOAT32, random, 129), Activation.SILU, null, null);
                compare(fresh(DType.FLOAT32, random, few, 129), vectors, transposed(rows), false, bias, k);
                compare(fresh(DType.FLOAT32, random, 129, few), rows, transposed(vectors), true, Epilogue.NONE, k);
            }
        }
    }

    @Test
    void aTallProductOfOneVector() {
        for (int k : new int[] {2, 64, 65, 600}) {
            for (int m : new int[] {12, 31, 131}) {
                for (int n : new int[] {3, 4, 16}) {
                    View a = fresh(DType.FLOAT32, random, m, k);
                    View b = fresh(DType.FLOAT32, random, k, n);
                    compare(fresh(DType.FLOAT32, random, m, n), a, b, false, Epilogue.NONE, k);
                    Epilogue bias = Epilogue.bias(fresh(DType.FLOAT32, random, n));
                    View rows = transposed(fresh(DType.FLOAT32, random, n, k));
                    compare(fresh(DType.FLOAT32, random, m, n), a, rows, false, bias, k);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DTypes.class)
    void packingATransposedMatrixKeepsEveryBit(DTypes dtype) {
        int k = 37;
        View b = transposed(fresh(dtype.dtype, random, 21, k));
        View unit = fresh(dtype.dtype, random, k, k);
        for (long i = 0; i < k * k; i++) {
            Element.set(dtype.dtype, unit.storage().segment(), i, i % (k + 1) == 0 ? 1 : 0);
        }
        View c = fresh(dtype.dtype, random, k, 21);
        MatmulKernel.forward(c, unit, b, false, Epilogue.NONE);
        for (long i = 0; i < k; i++) {
            for (long j = 0; j < 21; j++) {
                double wanted = Element.get(dtype.dtype, b.storage().segment(), j * k + i);
                assertEquals(wanted, Element.get(dtype.dtype, c.storage().segment(), i * 21 + j));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DTypes.class)
    void aDeepProductOfASmallSize(DTypes dtype) {
        int k = 5003;
        View a = transposed(fresh(dtype.dtype, random, k, 13));
        View b = fresh(dtype.dtype, random, k, 19);
        View bias = fresh(dtype.dtype, random, 19);
        Epilogue epilogue = new Epilogue(0.25, bias, Activation.SILU, fresh(dtype.dtype, random, 13, 19), null);
        compare(fresh(dtype.dtype, random, 13, 19), a, b, false, epilogue, k);
        compare(fresh(dtype.dtype, random, 13, 19), a, b, true, Epilogue.NONE, k);
        View one = fresh(dtype.dtype, random, 13, 19);
        View two = fresh(dtype.dtype, random, 13, 19);
        Workers.with(1, () -> MatmulKernel.forward(one, a, b, false, Epilogue.NONE));
        Workers.with(5, () -> MatmulKernel.forward(two, a, b, false, Epilogue.NONE));
        for (long i = 0; i < one.size(); i++) {
            assertEquals(
                    Element.get(dtype.dtype, one.storage().segment(), i),
                    Element.get(dtype.dtype, two.storage().segment(), i));
        }
    }

    @Test
    void notANumberAndInfinityReachTheirRowsAndColumnsOnly() {
        View a = fresh(DType.FLOAT32, random, 29, 41);
        View b = fresh(DType.FLOAT32, random, 41, 45);
        Element.set(DType.FLOAT32, a.storage().segment(), 13 * 41 + 7, Double.NaN);
        Element.set(DType.FLOAT32, b.storage().segment(), 11 * 45 + 44, Double.POSITIVE_INFINITY);
        View c = fresh(DType.FLOAT32, random, 29, 45);
        MatmulKernel.forward(c, a, b, false, Epilogue.NONE);
        for (int i = 0; i < 29; i++) {
            for (int j = 0; j < 45; j++) {
                double value = Element.get(DType.FLOAT32, c.storage().segment(), i * 45L + j);
                assertEquals(i == 13, Double.isNaN(value), i + ", " + j);
                assertEquals(i != 13 && j == 44, Double.isInfinite(value), i + ", " + j);
            }
        }
    }

    @Test
    void aReluKeepsNotANumber() {
        View a = fresh(DType.FLOAT32, random, 1, 1);
        Element.set(DType.FLOAT32, a.storage().segment(), 0, Double.NaN);
        View c = fresh(DType.FLOAT32, random, 1, 64);
        Epilogue relu = new Epilogue(1, null, Activation.RELU, null, null);
        MatmulKernel.forward(c, a, fresh(DType.FLOAT32, random, 1, 64), false, relu);
        for (int j = 0; j < 64; j++) {
            assertTrue(Double.isNaN(Element.get(DType.FLOAT32, c.storage().segment(), j)));
        }
    }

    @Test
    void theBlockForOtherKernelsTakesAnyStrides() {
        for (int k : new int[] {0, 1, 64, 600}) {
            View a = matrix(DType.FLOAT32, random, 101, k);
            View b = matrix(DType.FLOAT32, random, k, 67);
            View c = fresh(DType.FLOAT32, random, 101, 67);
            View wanted = copy(c);
            MatmulKernel.reference(wanted, a, b, true, new Epilogue(-0.5, null, Activation.NONE, null, null));
            Matrix x = new Stack(a).matrix(0);
            Matrix y = new Stack(b).matrix(0);
            Gemm.serial(101, 67, k, -0.5f, x, y, new Stack(c).matrix(0), true);
            assertClose(wanted, c, k);
            Gemm.serial(101, 67, k, 1, x, y, new Stack(c).matrix(0), false);
            MatmulKernel.reference(wanted, a, b, false, Epilogue.NONE);
            assertClose(wanted, c, k);
        }
    }

    @Test
    void errorsNameTheShapes() {
        View a = fresh(DType.FLOAT32, random, 8, 384);
        View b = fresh(DType.FLOAT32, random, 512, 1536);
        View c = fresh(DType.FLOAT32, random, 8, 1536);
        IllegalArgumentException inner =
                assertThrows(IllegalArgumentException.class, () -> MatmulKernel.forward(c, a, b, false, Epilogue.NONE));
        assertEquals("matmul: inner sizes differ: [8, 384] x [512, 1536]", inner.getMessage());
        IllegalArgumentException outer = assertThrows(
                IllegalArgumentException.class, () -> MatmulKernel.forward(a, a, transposed(a), false, Epilogue.NONE));
        assertEquals("matmul: result has shape [8, 384], which is not that of [8, 384] x [384, 8]", outer.getMessage());
    }

    private void compare(View c, View a, View b, boolean accumulate, Epilogue epilogue, int k) {
        View wanted = copy(c);
        View before = epilogue.preActivation() == null ? null : copy(epilogue.preActivation());
        MatmulKernel.reference(
                wanted,
                a,
                b,
                accumulate,
                new Epilogue(epilogue.scale(), epilogue.bias(), epilogue.activation(), epilogue.residual(), before));
        MatmulKernel.forward(c, a, b, accumulate, epilogue);
        assertClose(wanted, c, k);
        if (before != null) {
            assertClose(before, epilogue.preActivation(), k);
        }
    }

    /// Sums of `k` products of values below 1 are off by less than `k·ε`.
    private static void assertClose(View wanted, View got, int k) {
        double unit = switch (got.dtype()) {
            case FLOAT64 -> 0x1p-53;
            case BFLOAT16 -> 0x1p-8;
            default -> 0x1p-24;
        };
        double depth = got.dtype() == DType.BFLOAT16 ? 1 + k * 0x1p-16 : k;
        for (long i = 0; i < got.size(); i++) {
            double x = Element.get(wanted.dtype(), wanted.storage().segment(), i);
            double y = Element.get(got.dtype(), got.storage().segment(), i);
            assertEquals(x, y, unit * (4 + depth + 4 * Math.abs(x)), "element " + i + " of " + got);
        }
    }

    private Epilogue scaled(SplittableRandom dice) {
        return new Epilogue(dice.nextBoolean() ? 1 : -0.75, null, Activation.NONE, null, null);
    }

    private Epilogue epilogue(DType dtype, SplittableRandom dice, int m, int n) {
        return new Epilogue(
                dice.nextBoolean() ? 1 : 0.375,
                dice.nextBoolean() ? null : fresh(dtype, dice, n),
                Activation.values()[dice.nextInt(Activation.values().length)],
                dice.nextBoolean() ? null : fresh(dtype, dice, m, n),
                dice.nextBoolean() ? null : fresh(dtype, dice, m, n));
    }

    /// Dense, transposed, with longer rows, or with strides in both dimensions.
    private static View matrix(DType dtype, SplittableRandom dice, int rows, int columns) {
        return switch (dice.nextInt(4)) {
            case 0 -> fresh(dtype, dice, rows, columns);
            case 1 -> transposed(fresh(dtype, dice, columns, rows));
            case 2 -> {
                View wide = fresh(dtype, dice, rows, columns + 5);
                yield new View(wide.storage(), dtype, 5, new long[] {rows, columns}, wide.strides());
            }
            default -> {
                View wide = fresh(dtype, dice, rows, 2 * columns);
                long[] strides = {2L * columns, 2};
                yield new View(wide.storage(), dtype, 0, new long[] {rows, columns}, strides);
            }
        };
    }

    private static View transposed(View view) {
        int last = view.rank() - 1;
        long[] shape = view.shape().clone();
        long[] strides = view.strides().clone();
        shape[last] = view.shape()[last - 1];
        shape[last - 1] = view.shape()[last];
        strides[last] = view.strides()[last - 1];
        strides[last - 1] = view.strides()[last];
        return new View(view.storage(), view.dtype(), view.offset(), shape, strides);
    }

    private static View fresh(DType dtype, SplittableRandom dice, long... shape) {
        long size = 1;
        for (long extent : shape) {
            size *= extent;
        }
        Storage storage = Pool.host().allocate((size + 5) * dtype.bytes(), "test");
        for (long i = 0; i < size + 5; i++) {
            Element.set(dtype, storage.segment(), i, 2 * dice.nextDouble() - 1);
        }
        return View.rowMajor(storage, dtype, shape);
    }

    private static View copy(View view) {
        Storage storage = Pool.host().allocate(view.storage().byteSize(), "test");
        storage.segment().copyFrom(view.storage().segment());
        return View.rowMajor(storage, view.dtype(), view.shape());
    }

    enum DTypes {
        SINGLE(DType.FLOAT32),
        DOUBLE(DType.FLOAT64),
        BRAIN(DType.BFLOAT16);

        final DType dtype;

        DTypes(DType dtype) {
            this.dtype = dtype;
        }
    }
}
