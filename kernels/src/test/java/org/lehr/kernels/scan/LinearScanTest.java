package org.lehr.kernels.scan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.lehr.kernels.Arrays64.assertClose;
import static org.lehr.kernels.Arrays64.empty;
import static org.lehr.kernels.Arrays64.epsilon;
import static org.lehr.kernels.Arrays64.random;
import static org.lehr.kernels.Arrays64.values;
import static org.lehr.kernels.Arrays64.view;
import static org.lehr.kernels.Arrays64.withAnyThreads;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.ScanKernels.Linear;
import org.lehr.kernels.ScanKernels.LinearGradients;
import org.lehr.kernels.View;

@Tag("widths")
class LinearScanTest {

    private final CpuScans kernels = new CpuScans();

    private static long[] shape(boolean complex, long... extents) {
        return complex
                ? LongStream.concat(LongStream.of(extents), LongStream.of(2)).toArray()
                : extents;
    }

    private static View wide(View view) {
        return view == null ? null : view(DType.FLOAT64, values(view), view.shape());
    }

    /// Rates of about half the size of a stable recurrence's largest.
    private static View rates(DType dtype, long... shape) {
        double[] normal = values(random(DType.FLOAT64, 2, shape));
        return view(dtype, Arrays.stream(normal).map(x -> 0.4 * x).toArray(), shape);
    }

    private static View sequences(int b, int t) {
        double[] index = new double[b * t];
        for (int i = 0; i < index.length; i++) {
            index[i] = i / Math.max(1, t) == 1 ? 7 : Math.floor(Math.sqrt(2.0 * (i % t) + 3));
        }
        return view(DType.INT32, index, b, t);
    }

    /// The result and all gradients.
    private double[] everything(Linear form, View dh) {
        View h = empty(form.x().dtype(), form.x().shape());
        kernels.linear(h, form);
        View start = form.start();
        LinearGradients out = new LinearGradients(
                empty(h.dtype(), h.shape()),
                empty(h.dtype(), h.shape()),
                start == null ? null : empty(start.dtype(), start.shape()));
        kernels.linearBackward(out, dh, h, form);
        return Stream.of(h, out.x(), out.a(), out.start())
                .filter(Objects::nonNull)
                .flatMapToDouble(view -> Arrays.stream(values(view)))
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({
        // b, t, c, started, sequenced, complex
        "FLOAT32, 2, 67, 19, true, true, false", "FLOAT32, 3, 131, 150, true, false, false",
        "FLOAT32, 1, 1, 1, true, true, false", "FLOAT32, 2, 33, 64, false, true, false",
        "FLOAT32, 2, 67, 19, true, true, true", "FLOAT32, 3, 131, 75, true, false, true",
        "FLOAT32, 1, 1, 1, true, true, true", "FLOAT32, 2, 33, 64, false, true, true",
        "FLOAT32, 1, 40, 3, false, false, true", "FLOAT32, 2, 0, 5, true, false, false",
        "FLOAT32, 0, 3, 5, true, false, true", "FLOAT32, 2, 3, 0, true, false, true",
        "BFLOAT16, 2, 35, 19, true, true, true", "FLOAT64, 2, 9, 6, true, true, true"
    })
    void matchesTheDefinition(DType dtype, int b, int t, int c, boolean started, boolean sequenced, boolean complex) {
        Linear form = new Linear(
                random(dtype, 1, shape(complex, b, t, c)),
                rates(dtype, shape(complex, b, t, c)),
                started ? random(dtype, 3, shape(complex, b, c)) : null,
                sequenced ? sequences(b, t) : null);
        View dh = random(dtype, 4, form.x().shape());
        Linear exactForm = new Linear(wide(form.x()), wide(form.a()), wide(form.start()), form.sequence());
        double[] exact = everything(exactForm, wide(dh));
        double most = DoubleStream.of(exact).map(Math::abs).max().orElse(0);
        assertClose(exact, withAnyThreads(() -> everything(form, dh)), 16 * epsilon(dtype) * (1 + most));
    }

    @Test
    void constantRatesArePlacedByStrides() {
        for (boolean complex : new boolean[] {false, true}) {
            View a = rates(DType.FLOAT32, shape(complex, 21));
            long[] shape = shape(complex, 2, 30, 21);
            long[] strides = View.rowMajorStrides(shape);
            strides[0] = 0;
            strides[1] = 0;
            View repeated = new View(a.storage(), a.dtype(), a.offset(), shape, strides);
            double[] one = values(a);
            double[] all = new double[(int) repeated.size()];
            for (int i = 0; i < all.length; i++) {
                all[i] = one[i % one.length];
            }
            View x = random(DType.FLOAT32, 1, shape);
            View dh = random(DType.FLOAT32, 4, shape);
            assertArrayEquals(
                    everything(new Linear(x, view(DType.FLOAT32, all, shape), null, null), dh),
                    everything(new Linear(x, repeated, null, null), dh));
        }
    }

    @Test
    void afterAResetNothingOfBeforeIsLeft() {
        View x = view(DType.FLOAT32, new double[] {Double.NaN, 2, 3}, 1, 3, 1);
        View a = view(DType.FLOAT32, new double[] {1, 1, 1}, 1, 3, 1);
        View h = empty(DType.FLOAT32, 1, 3, 1);
        kernels.linear(h, new Linear(x, a, null, view(DType.INT32, new double[] {0, 1, 1}, 1, 3)));
        assertArrayEquals(new double[] {Double.NaN, 2, 5}, values(h));
    }
}
