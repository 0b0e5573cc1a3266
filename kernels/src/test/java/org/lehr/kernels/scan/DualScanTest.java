package org.lehr.kernels.scan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.ScanKernels.Dual;
import org.lehr.kernels.ScanKernels.DualGradients;
import org.lehr.kernels.View;

@Tag("widths")
class DualScanTest {

    private final CpuScans kernels = new CpuScans();

    /// Random inputs with decays from 0 to far below 1; with `full`, all that may be there.
    private static Dual form(DType dtype, int[] s, boolean full, int chunk) {
        return new Dual(
                random(dtype, 1, s[0], s[1], s[2], s[3]),
                rates(random(dtype, 2, s[0], s[1], s[2]), a -> -a * a),
                random(dtype, 3, s[0], s[1], s[4], s[5]),
                random(dtype, 4, s[0], s[1], s[4], s[5]),
                full ? random(dtype, 5, s[0], s[2], s[3], s[5]) : null,
                full ? sequences(s[0], s[1]) : null,
                chunk);
    }

    private static View rates(View a, DoubleUnaryOperator change) {
        return view(a.dtype(), Arrays.stream(values(a)).map(change).toArray(), a.shape());
    }

    /// Sequences of growing length, one after the other, and the second row all one.
    private static View sequences(int b, int t) {
        double[] index = new double[b * t];
        for (int i = 0; i < index.length; i++) {
            index[i] = i / Math.max(1, t) == 1 ? 7 : Math.floor(Math.sqrt(0.3 * (i % t) + 3));
        }
        return view(DType.INT32, index, b, t);
    }

    private static View wide(View view) {
        return view == null ? null : view(DType.FLOAT64, values(view), view.shape());
    }

    private static Dual wide(Dual form) {
        return new Dual(
                wide(form.x()),
                wide(form.a()),
                wide(form.b()),
                wide(form.c()),
                wide(form.start()),
                form.sequence(),
                form.chunk());
    }

    private static View like(View view) {
        return view == null ? null : empty(view.dtype(), view.shape());
    }

    private static long[] state(Dual form) {
        long[] x = form.x().shape();
        return new long[] {x[0], x[2], x[3], form.b().shape()[3]};
    }

    /// The result and the last state, and then all gradients.
    private double[] everything(Dual form, View dy, View dLast) {
        View y = empty(form.x().dtype(), form.x().shape());
        View last = empty(form.x().dtype(), state(form));
        View kept = empty(DType.FLOAT32, kernels.kept(form));
        kernels.dual(y, last, kept, form);
        DualGradients out =
                new DualGradients(like(form.x()), like(form.a()), like(form.b()), like(form.c()), like(form.start()));
        kernels.dualBackward(out, dy, dLast, kept, form);
        return Stream.of(y, last, out.x(), out.a(), out.b(), out.c(), out.start())
                .filter(Objects::nonNull)
                .flatMapToDouble(view -> Arrays.stream(values(view)))
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({
        // b, t, h, p, g, n, full, chunk
        "FLOAT32, 2, 67, 3, 19, 1, 16, true, 16", "FLOAT32, 2, 131, 6, 8, 2, 5, true, 64",
        "FLOAT32, 1, 100, 9, 16, 1, 32, false, 100", "FLOAT32, 1, 1, 1, 1, 1, 1, true, 8",
        "FLOAT32, 2, 33, 2, 17, 2, 37, true, 1", "FLOAT32, 1, 40, 4, 7, 4, 3, false, 7",
        "FLOAT32, 2, 65, 1, 5, 1, 3, true, 1000", "FLOAT32, 2, 0, 2, 3, 1, 4, true, 8",
        "FLOAT32, 0, 3, 2, 3, 1, 4, true, 8", "FLOAT32, 2, 3, 0, 3, 1, 4, true, 8",
        "FLOAT32, 2, 3, 2, 0, 1, 4, true, 8", "FLOAT32, 2, 3, 2, 3, 1, 0, true, 2",
        "FLOAT64, 2, 9, 4, 3, 2, 5, true, 4", "BFLOAT16, 2, 35, 4, 9, 2, 6, true, 16"
    })
    void matchesTheDefinition(DType dtype, int b, int t, int h, int p, int g, int n, boolean full, int chunk) {
        int[] sizes = {b, t, h, p, g, n};
        Dual form = form(dtype, sizes, full, chunk);
        View dy = random(dtype, 10, b, t, h, p);
        View dLast = full ? random(dtype, 11, state(form)) : null;
        double[] exact = everything(wide(form), wide(dy), wide(dLast));
        double most = DoubleStream.of(exact).map(Math::abs).max().orElse(0);
        double[] found = withAnyThreads(() -> everything(form, dy, dLast));
        assertClose(exact, found, epsilon(dtype) * (64 + 2 * Math.sqrt((double) t * p * n)) * (1 + most));
    }

    /// Written out for one head and states of one number.
    @Test
    void theDefinitionIsTheSumOverPairsOfTimes() {
        Dual form = form(DType.FLOAT64, new int[] {1, 6, 1, 1, 1, 1}, false, 4);
        View y = like(form.x());
        kernels.dual(y, null, null, form);
        double[] x = values(form.x());
        double[] a = values(form.a());
        double[] b = values(form.b());
        double[] c = values(form.c());
        for (int t = 0; t < 6; t++) {
            double sum = 0;
            for (int j = 0; j <= t; j++) {
                double between = Arrays.stream(a, j + 1, t + 1).sum();
                sum += Math.exp(between) * c[t] * b[j] * x[j];
            }
            assertEquals(sum, values(y)[t], 1e-14);
        }
    }

    @Test
    void inputsMayBeRowsOfLargerArrays() {
        Dual form = form(DType.FLOAT32, new int[] {2, 70, 4, 21, 2, 6}, true, 32);
        Dual strided = new Dual(
                spread(form.x(), 5),
                spread(form.a(), 3),
                spread(form.b(), 2),
                spread(form.c(), 7),
                form.start(),
                form.sequence(),
                32);
        View dy = random(DType.FLOAT32, 10, 2, 70, 4, 21);
        assertArrayEquals(everything(form, dy, null), everything(strided, spread(dy, 1), null));
    }

    /// The same numbers with `gap` others behind each row of the last dimension.
    private static View spread(View view, int gap) {
        long[] shape = view.shape();
        int last = shape.length - 1;
        long[] larger = shape.clone();
        larger[last] += gap;
        double[] values = values(view);
        double[] numbers = new double[Math.toIntExact(values.length / shape[last] * larger[last])];
        for (int i = 0; i < values.length; i++) {
            numbers[i / (int) shape[last] * (int) larger[last] + i % (int) shape[last]] = values[i];
        }
        View filled = view(view.dtype(), numbers, larger);
        return new View(filled.storage(), filled.dtype(), filled.offset(), shape, filled.strides());
    }

    /// Decays that are none, that are nothing, that grow, and whose sums are far beyond what float32 resolves.
    @Test
    void decaysOfAnySizeAreRight() {
        Dual usual = form(DType.FLOAT32, new int[] {1, 90, 2, 9, 1, 4}, true, 45);
        double[] sizes = {0, -1e-6, -300, -2, -1e30, Double.NEGATIVE_INFINITY, -80, 0.5, -0.01};
        double[] rates = new double[180];
        for (int i = 0; i < rates.length; i++) {
            rates[i] = sizes[i * 7 % 31 % sizes.length];
        }
        Dual form = new Dual(
                usual.x(), view(DType.FLOAT32, rates, 1, 90, 2), usual.b(), usual.c(), usual.start(), null, 45);
        View dy = random(DType.FLOAT32, 10, 1, 90, 2, 9);
        View dLast = random(DType.FLOAT32, 11, state(form));
        assertClose(everything(wide(form), wide(dy), wide(dLast)), everything(form, dy, dLast), 1e-4);
    }

    /// The gradient of a decay that hides all but a millionth is a millionth, with all its digits.
    @Test
    void gradientsOfFastDecaysKeepTheirDigits() {
        Dual usual = form(DType.FLOAT32, new int[] {1, 40, 1, 16, 1, 16}, false, 40);
        double[] rates = new double[40];
        Arrays.fill(rates, -14);
        Dual form = new Dual(usual.x(), view(DType.FLOAT32, rates, 1, 40, 1), usual.b(), usual.c(), null, null, 40);
        View dy = random(DType.FLOAT32, 10, 1, 40, 1, 16);
        double[] exact = decaySlopes(wide(form), wide(dy));
        double[] found = decaySlopes(form, dy);
        for (int t = 1; t < 40; t++) {
            assertEquals(exact[t], found[t], 1e-4 * Math.abs(exact[t]) + 1e-11, "time " + t);
        }
    }

    private double[] decaySlopes(Dual form, View dy) {
        View kept = empty(DType.FLOAT32, kernels.kept(form));
        kernels.dual(like(form.x()), null, kept, form);
        DualGradients out = new DualGradients(like(form.x()), like(form.a()), like(form.b()), like(form.c()), null);
        kernels.dualBackward(out, dy, null, kept, form);
        return values(out.a());
    }

    @Test
    void whatDoesNotFitIsRefusedWithShapes() {
        Dual form = form(DType.FLOAT32, new int[] {2, 5, 6, 3, 2, 4}, true, 2);
        View y = empty(DType.FLOAT32, 2, 5, 6, 7);
        String message = assertThrows(IllegalArgumentException.class, () -> kernels.dual(y, null, null, form))
                .getMessage();
        assertTrue(message.contains("[2, 5, 6, 7]") && message.contains("[2, 5, 2, 4]"), message);
        Dual uneven = form(DType.FLOAT32, new int[] {2, 5, 7, 3, 2, 4}, true, 2);
        assertThrows(IllegalArgumentException.class, () -> kernels.dual(like(uneven.x()), null, null, uneven));
        Dual none = form(DType.FLOAT32, new int[] {2, 5, 6, 3, 2, 4}, true, 0);
        assertThrows(IllegalArgumentException.class, () -> kernels.dual(like(none.x()), null, null, none));
    }
}
