package org.lehr.kernels.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

class CopyKernelTest {

    private static final double[] SPECIAL = {
        0, -0.0, 1, -1, 0.5, -0.5, 2.5, 1e10, -1e10, 1e30, 255, 256, -7.9, Double.NaN, Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY, 4e9, 1e-40, 127.5, 128
    };

    static Stream<DType[]> pairs() {
        return Arrays.stream(DType.values())
                .flatMap(from -> Arrays.stream(DType.values()).map(to -> new DType[] {from, to}));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void everyPairOfDtypesAndLayoutsAgreesWithTheReference(DType from, DType to) {
        for (long[] shape : new long[][] {{}, {0}, {1}, {2, 0, 3}, {1031}, {37, 41}, {5, 1, 7, 11}, {2, 67, 33}}) {
            for (Layout source : Layout.values()) {
                for (Layout target : new Layout[] {Layout.DENSE, Layout.REVERSED, Layout.GAPPED}) {
                    View in = source.view(from, shape);
                    fill(in);
                    View out = target.view(to, shape);
                    View expected = new View(
                            Pool.host().allocate(out.storage().byteSize(), "test"), to, out.offset(), shape, out.strides());
                    expected.storage().segment().fill((byte) 3);
                    out.storage().segment().fill((byte) 3);
                    CopyKernel.reference(expected, in);
                    CopyKernel.forward(out, in);
                    assertEquals(
                            -1,
                            out.storage().segment().mismatch(expected.storage().segment()),
                            () -> source + " to " + target + " of " + Arrays.toString(shape));
                }
            }
        }
    }

    @Test
    void conversionsMeanWhatTheContractSays() {
        assertEquals(0, convert(Double.NaN, DType.FLOAT32, DType.INT32));
        assertEquals(Integer.MAX_VALUE, convert(1e20, DType.FLOAT32, DType.INT32));
        assertEquals(Integer.MIN_VALUE, convert(-1e20, DType.FLOAT64, DType.INT32));
        assertEquals(-7, convert(-7.9, DType.FLOAT32, DType.INT64));
        assertEquals(255, convert(300, DType.FLOAT32, DType.UINT8));
        assertEquals(0, convert(-3, DType.FLOAT64, DType.UINT8));
        assertEquals(255, convert(1e20, DType.FLOAT64, DType.UINT8));
        assertEquals(1, convert(Double.NaN, DType.FLOAT32, DType.BOOL));
        assertEquals(1, convert(0.25, DType.FLOAT64, DType.BOOL));
        assertEquals(0, convert(-0.0, DType.FLOAT32, DType.BOOL));
        assertEquals(1, convert(256, DType.INT32, DType.BOOL));
        assertEquals(44, convert(300, DType.INT64, DType.UINT8));
        assertEquals(1.0, convert(1.00390625, DType.FLOAT32, DType.BFLOAT16));
        assertEquals(1.015625, convert(1.01171875, DType.FLOAT32, DType.BFLOAT16));
        assertEquals((float) 123456789012345L, convert(123456789012345L, DType.INT64, DType.FLOAT32));
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        View in = Layout.REVERSED.view(DType.FLOAT32, 389, 521);
        fill(in);
        for (DType to : DType.values()) {
            View serial = Layout.DENSE.view(to, 389, 521);
            Workers.with(1, () -> CopyKernel.forward(serial, in));
            for (int threads : new int[] {2, 5}) {
                View parallel = Layout.DENSE.view(to, 389, 521);
                Workers.with(threads, () -> CopyKernel.forward(parallel, in));
                assertEquals(-1, serial.storage().segment().mismatch(parallel.storage().segment()));
            }
        }
    }

    @Test
    void widenedComputesInFloat32AndRoundsOnce() {
        View in = Layout.REVERSED.view(DType.BFLOAT16, 3, 5);
        View out = Layout.GAPPED.view(DType.BFLOAT16, 3, 5);
        fill(in);
        try (Widened x = Widened.read(in); Widened y = Widened.write(out)) {
            assertEquals(DType.FLOAT32, x.view().dtype());
            y.view().storage().segment().copyFrom(x.view().storage().segment().asSlice(0, 60));
        }
        View back = Layout.DENSE.view(DType.FLOAT64, 3, 5);
        View expected = Layout.DENSE.view(DType.FLOAT64, 3, 5);
        CopyKernel.forward(back, out);
        CopyKernel.forward(expected, in);
        assertEquals(-1, back.storage().segment().mismatch(expected.storage().segment()));
        try (Widened none = Widened.read(null); Widened same = Widened.update(back)) {
            assertEquals(null, none.view());
            assertEquals(back, same.view());
        }
    }

    private static double convert(double value, DType from, DType to) {
        View wide = Layout.DENSE.view(DType.FLOAT64, 1);
        wide.storage().segment().set(ValueLayout.JAVA_DOUBLE, 0, value);
        View source = Layout.DENSE.view(from, 1);
        View target = Layout.DENSE.view(to, 1);
        CopyKernel.forward(source, wide);
        CopyKernel.forward(target, source);
        CopyKernel.forward(wide, target);
        return wide.storage().segment().get(ValueLayout.JAVA_DOUBLE, 0);
    }

    private static void fill(View view) {
        Random random = new Random(7);
        MemorySegment memory = view.storage().segment();
        int count = (int) (memory.byteSize() / view.dtype().bytes());
        for (int i = 0; i < count; i++) {
            double value = random.nextInt(3) == 0 ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextGaussian() * 50;
            switch (view.dtype()) {
                case FLOAT32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
                case FLOAT64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
                case BFLOAT16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT, i, Bfloat16Kernel.fromFloat((float) value));
                case INT64 -> memory.setAtIndex(ValueLayout.JAVA_LONG, i, (long) value);
                case INT32 -> memory.setAtIndex(ValueLayout.JAVA_INT, i, (int) value);
                case UINT8 -> memory.set(ValueLayout.JAVA_BYTE, i, (byte) value);
                case BOOL -> memory.set(ValueLayout.JAVA_BYTE, i, (byte) (value > 0 ? 1 : 0));
            }
        }
    }

    /// Ways in which the elements of an array may stand in memory.
    private enum Layout {
        DENSE,
        /// the dimensions in opposite order: a transposed array
        REVERSED,
        /// every third element of a larger array, from the second on
        GAPPED,
        /// the first dimension repeated by a stride of 0
        REPEATED,
        /// overlapping windows: each dimension moves by one element
        OVERLAPPING;

        View view(DType dtype, long... shape) {
            long[] strides = View.rowMajorStrides(shape);
            long offset = 0;
            switch (this) {
                case DENSE -> {}
                case REVERSED -> {
                    long step = 1;
                    for (int d = 0; d < shape.length; d++) {
                        strides[d] = step;
                        step *= Math.max(shape[d], 1);
                    }
                }
                case GAPPED -> {
                    offset = 1;
                    Arrays.setAll(strides, d -> 3 * View.rowMajorStrides(shape)[d]);
                }
                case REPEATED -> {
                    if (shape.length > 0) {
                        strides[0] = 0;
                    }
                }
                case OVERLAPPING -> Arrays.fill(strides, 1);
            }
            long last = offset;
            for (int d = 0; d < shape.length; d++) {
                last += Math.max(shape[d] - 1, 0) * strides[d];
            }
            Storage storage = Pool.host().allocate((last + 1) * dtype.bytes(), "test");
            return new View(storage, dtype, offset, shape, strides);
        }
    }
}
