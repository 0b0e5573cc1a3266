package org.lehr.kernels.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.parallel.Workers;

@Tag("widths")
class CopyKernelTest {

    static Stream<DType[]> pairs() {
        return Arrays.stream(DType.values())
                .flatMap(from -> Arrays.stream(DType.values()).map(to -> new DType[] {from, to}));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void everyPairOfDtypesAndLayoutsAgreesWithTheReference(DType from, DType to) {
        for (long[] shape : new long[][] {{}, {0}, {1}, {2, 0, 3}, {1031}, {17, 23}, {5, 1, 3, 7}, {2, 35, 33}}) {
            for (Layout source : Layout.values()) {
                for (Layout target : new Layout[] {Layout.DENSE, Layout.REVERSED, Layout.GAPPED}) {
                    View in = source.view(from, shape);
                    Values.fill(in, 7);
                    View out = target.view(to, shape);
                    View expected = new View(
                            Pool.host().allocate(out.storage().byteSize(), "test"),
                            to,
                            out.offset(),
                            shape,
                            out.strides());
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
        View in = Layout.REVERSED.view(DType.FLOAT32, 211, 321);
        Values.fill(in, 7);
        for (DType to : DType.values()) {
            View serial = Layout.DENSE.view(to, 211, 321);
            Workers.with(1, () -> CopyKernel.forward(serial, in));
            for (int threads : new int[] {2, 5}) {
                View parallel = Layout.DENSE.view(to, 211, 321);
                Workers.with(threads, () -> CopyKernel.forward(parallel, in));
                assertEquals(
                        -1,
                        serial.storage().segment().mismatch(parallel.storage().segment()));
            }
        }
    }

    @Test
    void widenedComputesInFloat32AndRoundsOnce() {
        View in = Layout.REVERSED.view(DType.BFLOAT16, 3, 5);
        View out = Layout.GAPPED.view(DType.BFLOAT16, 3, 5);
        Values.fill(in, 7);
        try (Widened x = Widened.read(in);
                Widened y = Widened.write(out)) {
            assertEquals(DType.FLOAT32, x.view().dtype());
            y.view().storage().segment().copyFrom(x.view().storage().segment().asSlice(0, 60));
        }
        View back = Layout.DENSE.view(DType.FLOAT64, 3, 5);
        View expected = Layout.DENSE.view(DType.FLOAT64, 3, 5);
        CopyKernel.forward(back, out);
        CopyKernel.forward(expected, in);
        assertEquals(-1, back.storage().segment().mismatch(expected.storage().segment()));
        try (Widened none = Widened.read(null);
                Widened same = Widened.update(back)) {
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
}
