package org.lehr.kernels.convolution;

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
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.ConvolutionKernels.Causal;
import org.lehr.kernels.ConvolutionKernels.CausalGradients;
import org.lehr.kernels.ConvolutionKernels.Form;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Reals;

@Tag("widths")
class CpuConvolutionsTest {

    private final CpuConvolutions kernels = new CpuConvolutions();

    private static View wide(View view) {
        return view(DType.FLOAT64, values(view), view.shape());
    }

    private static View result(View x, View weight, Form form) {
        return empty(
                x.dtype(),
                x.shape()[0],
                weight.shape()[0],
                form.rows(x.shape()[2], weight.shape()[2]),
                form.columns(x.shape()[3], weight.shape()[3]));
    }

    /// All three directions against the loop nest.
    private void matches(View x, View weight, View bias, Form form) {
        View y = result(x, weight, form);
        View dy = random(x.dtype(), 3, y.shape());
        View dx = empty(x.dtype(), x.shape());
        View dWeight = empty(x.dtype(), weight.shape());
        View exactY = empty(DType.FLOAT64, y.shape());
        View exactX = empty(DType.FLOAT64, x.shape());
        View exactWeight = empty(DType.FLOAT64, weight.shape());
        ConvolutionReference.forward(exactY, wide(x), wide(weight), bias == null ? null : wide(bias), form);
        ConvolutionReference.inputGradient(exactX, wide(dy), wide(weight), form);
        ConvolutionReference.weightGradient(exactWeight, wide(dy), wide(x), form);
        double filter = weight.size() / (double) Math.max(1, weight.shape()[0]);
        double places = y.size() / (double) Math.max(1, y.shape()[1]);
        double back = filter * weight.shape()[0] / Math.max(1, weight.shape()[1]);
        assertClose(
                values(exactY),
                withAnyThreads(() -> {
                    kernels.convolution(y, x, weight, bias, form);
                    return values(y);
                }),
                tolerance(x.dtype(), filter));
        assertClose(
                values(exactX),
                withAnyThreads(() -> {
                    kernels.inputGradient(dx, dy, weight, form);
                    return values(dx);
                }),
                tolerance(x.dtype(), back));
        assertClose(
                values(exactWeight),
                withAnyThreads(() -> {
                    kernels.weightGradient(dWeight, dy, x, form);
                    return values(dWeight);
                }),
                tolerance(x.dtype(), places));
    }

    private static double tolerance(DType dtype, double length) {
        double rounding = dtype == DType.BFLOAT16 ? epsilon(dtype) + epsilon(DType.FLOAT32) * length : 0;
        return dtype == DType.BFLOAT16 ? rounding : epsilon(dtype) * (8 + 2 * length);
    }

    @ParameterizedTest
    @CsvSource({
        // batch, groups, c, o, h, w, kh, kw, stride, padding, dilation
        "FLOAT32, 3, 1, 5, 7, 11, 13, 3, 3, 1, 1, 1", "FLOAT32, 2, 1, 32, 64, 32, 32, 3, 3, 1, 1, 1",
        "FLOAT32, 1, 1, 67, 19, 9, 31, 3, 3, 1, 0, 2", "FLOAT32, 2, 3, 2, 5, 17, 7, 5, 3, 2, 2, 1",
        "FLOAT32, 19, 1, 3, 2, 7, 7, 7, 7, 1, 3, 1", "FLOAT32, 2, 1, 3, 4, 1, 1, 1, 1, 1, 0, 1",
        "FLOAT32, 2, 1, 3, 4, 5, 3, 1, 1, 1, 2, 1", "FLOAT32, 2, 7, 1, 1, 13, 11, 3, 3, 1, 1, 1",
        "FLOAT32, 2, 7, 1, 2, 1, 97, 1, 4, 1, 3, 1", "FLOAT32, 2, 1, 3, 5, 23, 29, 3, 5, 3, 1, 2",
        "FLOAT32, 1, 1, 129, 3, 5, 67, 3, 3, 1, 1, 1", "FLOAT64, 3, 1, 5, 7, 11, 13, 3, 3, 1, 1, 1",
        "FLOAT64, 2, 3, 2, 5, 17, 7, 5, 3, 2, 2, 1", "BFLOAT16, 3, 1, 5, 7, 11, 13, 3, 3, 1, 1, 1",
        "FLOAT32, 0, 1, 3, 5, 4, 4, 3, 3, 1, 1, 1", "FLOAT32, 2, 1, 0, 5, 4, 4, 3, 3, 1, 1, 1",
        "FLOAT32, 2, 1, 3, 0, 4, 4, 3, 3, 1, 1, 1", "FLOAT32, 2, 1, 3, 5, 2, 4, 3, 3, 1, 0, 1",
        "FLOAT32, 1, 1, 2, 3, 80, 90, 3, 3, 1, 1, 1"
    })
    void matchesTheLoops(
            DType dtype,
            int batch,
            int groups,
            int c,
            int o,
            int h,
            int w,
            int kh,
            int kw,
            int stride,
            int padding,
            int dilation) {
        Form form = new Form(stride, stride, padding, padding, dilation, dilation, groups);
        View x = random(dtype, 1, batch, groups * c, h, w);
        View weight = random(dtype, 2, groups * o, c, kh, kw);
        matches(x, weight, random(dtype, 4, groups * o), form);
        matches(x, weight, null, form);
    }

    @Test
    void rowsAndColumnsMayMoveDifferently() {
        View x = random(DType.FLOAT32, 1, 2, 6, 11, 17);
        View weight = random(DType.FLOAT32, 2, 4, 3, 2, 5);
        matches(x, weight, null, new Form(2, 1, 0, 3, 3, 1, 2));
        matches(x, weight, null, new Form(1, 2, 1, 0, 1, 2, 2));
        matches(x, weight, null, new Form(1, 1, 3, 9, 1, 1, 2));
    }

    @Test
    void whatIsNotFiniteStaysWhereTheFilterSeesIt() {
        Form form = new Form(1, 1, 1, 1, 1, 1, 1);
        View x = random(DType.FLOAT32, 1, 1, 2, 9, 9);
        double[] spoilt = values(x);
        spoilt[4 * 9 + 4] = Double.NaN;
        View weight = random(DType.FLOAT32, 2, 3, 2, 3, 3);
        View bad = view(DType.FLOAT32, spoilt, 1, 2, 9, 9);
        View y = result(bad, weight, form);
        kernels.convolution(y, bad, weight, null, form);
        double[] seen = values(y);
        for (int i = 0; i < seen.length; i++) {
            int row = i % 81 / 9;
            int column = i % 9;
            boolean near = Math.abs(row - 4) <= 1 && Math.abs(column - 4) <= 1;
            assertEquals(near, Double.isNaN(seen[i]), "place " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 3, 131, 67, 4, true, true", "FLOAT32, 3, 131, 67, 4, false, false",
                "FLOAT32, 2, 64, 32, 3, true, true",
        "FLOAT32, 2, 67, 19, 3, false, true", "FLOAT32, 5, 2, 37, 4, true, true", "FLOAT32, 5, 1, 16, 2, true, false",
        "FLOAT32, 1, 129, 48, 2, true, true", "FLOAT32, 2, 17, 5, 1, true, true", "FLOAT32, 2, 17, 5, 6, true, true",
        "FLOAT64, 3, 31, 7, 4, true, true", "BFLOAT16, 3, 67, 19, 4, true, true", "FLOAT32, 2, 0, 5, 4, true, true",
        "FLOAT32, 0, 3, 5, 4, true, true", "FLOAT32, 2, 3, 0, 4, true, true", "FLOAT32, 1, 66, 33, 4, false, true"
    })
    void causalMatchesTheDefinition(DType dtype, int b, int t, int c, int k, boolean silu, boolean full) {
        View x = random(dtype, 1, b, t, c);
        View dy = random(dtype, 2, b, t, c);
        Causal form = new Causal(
                random(dtype, 3, c, k),
                full ? random(dtype, 4, c) : null,
                full ? random(dtype, 5, b, k - 1, c) : null,
                silu);
        Causal wide = new Causal(
                wide(form.weight()), full ? wide(form.bias()) : null, full ? wide(form.state()) : null, silu);
        double tolerance = tolerance(dtype, 8);
        View exact = empty(DType.FLOAT64, b, t, c);
        new CausalReference(wide(x), wide).forward(Reals.of(exact), 0, c);
        assertClose(
                values(exact),
                withAnyThreads(() -> {
                    View y = empty(dtype, b, t, c);
                    kernels.causal(y, x, form);
                    return values(y);
                }),
                tolerance);
        CausalGradients expected = gradients(DType.FLOAT64, x, form);
        new CausalReference(wide(x), wide).backward(expected, Reals.of(wide(dy)), 0, c);
        assertClose(
                all(expected),
                withAnyThreads(() -> {
                    CausalGradients found = gradients(dtype, x, form);
                    kernels.causalBackward(found, dy, x, form);
                    return all(found);
                }),
                tolerance(dtype, 8 + (double) b * t));
    }

    private static CausalGradients gradients(DType dtype, View x, Causal form) {
        return new CausalGradients(
                empty(dtype, x.shape()),
                empty(dtype, form.weight().shape()),
                form.bias() == null ? null : empty(dtype, form.bias().shape()),
                form.state() == null ? null : empty(dtype, form.state().shape()));
    }

    private static double[] all(CausalGradients gradients) {
        return Stream.of(gradients.dx(), gradients.dWeight(), gradients.dBias(), gradients.dState())
                .filter(Objects::nonNull)
                .flatMapToDouble(view -> Arrays.stream(values(view)))
                .toArray();
    }

    @Test
    void whatDoesNotFitIsRefusedWithShapes() {
        Form form = new Form(1, 1, 1, 1, 1, 1, 2);
        View x = empty(DType.FLOAT32, 2, 6, 5, 5);
        View weight = empty(DType.FLOAT32, 4, 3, 3, 3);
        View y = empty(DType.FLOAT32, 2, 4, 5, 4);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> kernels.convolution(y, x, weight, null, form))
                .getMessage();
        assertTrue(message.contains("[2, 4, 5, 4]") && message.contains("[4, 3, 3, 3]"), message);
        assertThrows(IllegalArgumentException.class, () -> new Form(0, 1, 0, 0, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Form(1, 1, 0, -1, 1, 1, 1));
    }
}
