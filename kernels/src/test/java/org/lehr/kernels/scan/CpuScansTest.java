package org.lehr.kernels.scan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.ScanKernels.Selective;
import org.lehr.kernels.ScanKernels.SelectiveGradients;
import org.lehr.kernels.View;

@Tag("widths")
class CpuScansTest {

    private final CpuScans kernels = new CpuScans();

    private static View wide(View view) {
        return view == null ? null : view(DType.FLOAT64, values(view), view.shape());
    }

    private static Selective wide(Selective form) {
        return new Selective(
                wide(form.u()),
                wide(form.delta()),
                wide(form.a()),
                wide(form.b()),
                wide(form.c()),
                wide(form.d()),
                wide(form.z()),
                wide(form.deltaBias()),
                wide(form.start()),
                form.sequence(),
                form.softplus());
    }

    /// Rates below zero, as a stable recurrence has them.
    private static View rates(DType dtype, long... shape) {
        View normal = random(dtype, 3, shape);
        return view(dtype, Arrays.stream(values(normal)).map(x -> -Math.abs(x)).toArray(), shape);
    }

    /// Random inputs; with `full`, all that may be there.
    private static Selective form(DType dtype, int b, int t, int c, int g, int n, boolean full, boolean complex) {
        long[] pair = complex ? new long[] {2} : new long[0];
        return new Selective(
                random(dtype, 1, b, t, c),
                random(dtype, 2, b, t, c),
                rates(dtype, shape(pair, c, n)),
                random(dtype, 4, shape(pair, b, t, g, n)),
                random(dtype, 5, shape(pair, b, t, g, n)),
                full ? random(dtype, 6, c) : null,
                full ? random(dtype, 7, b, t, c) : null,
                full ? random(dtype, 8, c) : null,
                full ? random(dtype, 9, shape(pair, b, c, n)) : null,
                full ? sequences(b, t) : null,
                full);
    }

    private static long[] shape(long[] pair, long... extents) {
        return Stream.of(extents, pair).flatMapToLong(Arrays::stream).toArray();
    }

    /// Sequences of 1, 2, 3, ... times, one after the other, and the second row all one.
    private static View sequences(int b, int t) {
        double[] index = new double[b * t];
        for (int i = 0; i < index.length; i++) {
            index[i] = i / Math.max(1, t) == 1 ? 7 : Math.floor(Math.sqrt(2.0 * (i % t) + 3));
        }
        return view(DType.INT32, index, b, t);
    }

    private static SelectiveGradients gradients(Selective form) {
        return new SelectiveGradients(
                like(form.u()),
                like(form.delta()),
                like(form.a()),
                like(form.b()),
                like(form.c()),
                like(form.d()),
                like(form.z()),
                like(form.deltaBias()),
                like(form.start()));
    }

    private static View like(View view) {
        return view == null ? null : empty(view.dtype(), view.shape());
    }

    private static View state(Selective form) {
        long[] a = form.a().shape();
        long[] shape = new long[a.length + 1];
        shape[0] = form.u().shape()[0];
        System.arraycopy(a, 0, shape, 1, a.length);
        return empty(form.u().dtype(), shape);
    }

    private View kept(Selective form) {
        DType dtype = form.u().dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
        return empty(dtype, kernels.kept(form));
    }

    /// The result and the last state, and then all gradients.
    private double[] everything(Selective form, View dy, View dLast) {
        View y = like(form.u());
        View last = state(form);
        View kept = kept(form);
        kernels.selective(y, last, kept, form);
        SelectiveGradients out = gradients(form);
        kernels.selectiveBackward(out, dy, dLast, kept, form);
        return Stream.of(
                        y,
                        last,
                        out.u(),
                        out.delta(),
                        out.a(),
                        out.b(),
                        out.c(),
                        out.d(),
                        out.z(),
                        out.deltaBias(),
                        out.start())
                .filter(Objects::nonNull)
                .flatMapToDouble(view -> Arrays.stream(values(view)))
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({
        // b, t, c, g, n, full, complex
        "FLOAT32, 2, 67, 19, 1, 16, true, false", "FLOAT32, 3, 131, 33, 3, 5, true, false",
        "FLOAT32, 2, 64, 16, 1, 16, false, false", "FLOAT32, 1, 1, 1, 1, 1, true, false",
        "FLOAT32, 2, 1, 37, 1, 16, true, false", "FLOAT32, 1, 65, 300, 2, 4, true, false",
        "FLOAT32, 2, 0, 5, 1, 3, true, false", "FLOAT32, 0, 3, 5, 1, 3, true, false",
        "FLOAT32, 2, 3, 0, 1, 3, true, false", "FLOAT32, 2, 3, 5, 5, 3, true, false",
        "FLOAT32, 2, 9, 6, 2, 3, true, true", "FLOAT32, 2, 67, 19, 1, 16, true, true",
        "FLOAT32, 1, 131, 33, 3, 5, true, true", "FLOAT32, 2, 64, 16, 1, 4, false, true",
        "FLOAT32, 1, 1, 1, 1, 1, true, true", "FLOAT32, 2, 0, 5, 1, 3, true, true",
        "BFLOAT16, 2, 35, 19, 1, 4, true, true", "FLOAT64, 2, 9, 6, 2, 3, true, false",
        "FLOAT64, 2, 9, 6, 1, 3, false, true", "BFLOAT16, 2, 35, 19, 1, 4, true, false"
    })
    void matchesTheDefinition(DType dtype, int b, int t, int c, int g, int n, boolean full, boolean complex) {
        Selective form = form(dtype, b, t, c, g, n, full, complex);
        View dy = random(dtype, 10, b, t, c);
        View dLast = full ? random(dtype, 11, state(form).shape()) : null;
        double[] exact = everything(wide(form), wide(dy), wide(dLast));
        double most = DoubleStream.of(exact).map(Math::abs).max().orElse(0);
        double[] found = withAnyThreads(() -> everything(form, dy, dLast));
        assertClose(exact, found, epsilon(dtype) * (64 + 4 * Math.sqrt((double) b * t * c)) * (1 + most));
    }

    @Test
    void inputsMayBeRowsOfLargerArrays() {
        Selective form = form(DType.FLOAT32, 2, 70, 21, 1, 6, true, false);
        Selective strided = new Selective(
                spread(form.u(), 5),
                spread(form.delta(), 3),
                form.a(),
                spread(form.b(), 2),
                spread(form.c(), 7),
                form.d(),
                spread(form.z(), 21),
                form.deltaBias(),
                form.start(),
                form.sequence(),
                true);
        View dy = random(DType.FLOAT32, 10, 2, 70, 21);
        assertArrayEquals(everything(form, dy, null), everything(strided, spread(dy, 1), null));
    }

    /// The same numbers with `gap` others behind each row of the last dimension.
    private static View spread(View view, int gap) {
        long[] shape = view.shape();
        int last = shape.length - 1;
        long[] larger = shape.clone();
        larger[last] += gap;
        View all = empty(view.dtype(), larger);
        double[] numbers = new double[Math.toIntExact(all.size())];
        double[] values = values(view);
        for (int i = 0; i < values.length; i++) {
            numbers[i / (int) shape[last] * (int) larger[last] + i % (int) shape[last]] = values[i];
        }
        View filled = view(view.dtype(), numbers, larger);
        return new View(filled.storage(), filled.dtype(), filled.offset(), shape, filled.strides());
    }

    @Test
    void decaysOfAnySizeAreRight() {
        Selective form = form(DType.FLOAT32, 1, 40, 17, 1, 4, false, false);
        double[] widths = values(form.delta());
        for (int i = 0; i < widths.length; i++) {
            widths[i] = i % 5 == 0 ? 90 * Math.abs(widths[i]) : Math.abs(widths[i]);
        }
        Selective large = new Selective(
                form.u(),
                view(DType.FLOAT32, widths, 1, 40, 17),
                form.a(),
                form.b(),
                form.c(),
                null,
                null,
                null,
                null,
                null,
                false);
        View y = like(form.u());
        kernels.selective(y, null, null, large);
        View exact = empty(DType.FLOAT64, 1, 40, 17);
        kernels.selective(exact, null, null, wide(large));
        assertClose(values(exact), values(y), 1e-4);
    }

    @Test
    void anglesOfAnySizeAreRight() {
        Selective form = form(DType.FLOAT32, 1, 12, 17, 1, 4, false, true);
        double[] rates = values(form.a());
        for (int i = 1; i < rates.length; i += 2) {
            rates[i] = i % 3 == 0 ? 100_000 * rates[i] : 40 * rates[i];
        }
        double[] widths = new double[12 * 17];
        // powers of two, so that the angles are the same in double
        Arrays.setAll(widths, i -> Math.scalb(1.0, i % 4 - 3));
        Selective large = new Selective(
                form.u(),
                view(DType.FLOAT32, widths, 1, 12, 17),
                view(DType.FLOAT32, rates, 17, 4, 2),
                form.b(),
                form.c(),
                null,
                null,
                null,
                null,
                null,
                false);
        View y = like(form.u());
        kernels.selective(y, null, null, large);
        View exact = empty(DType.FLOAT64, 1, 12, 17);
        kernels.selective(exact, null, null, wide(large));
        assertClose(values(exact), values(y), 1e-5);
    }

    @Test
    void whatDoesNotFitIsRefusedWithShapes() {
        Selective form = form(DType.FLOAT32, 2, 5, 6, 2, 3, true, false);
        View y = empty(DType.FLOAT32, 2, 5, 7);
        String message = assertThrows(IllegalArgumentException.class, () -> kernels.selective(y, null, null, form))
                .getMessage();
        assertTrue(message.contains("[2, 5, 7]") && message.contains("[2, 5, 2, 3]"), message);
        Selective uneven = form(DType.FLOAT32, 2, 5, 7, 2, 3, true, false);
        assertThrows(IllegalArgumentException.class, () -> kernels.selective(y, null, null, uneven));
    }
}
