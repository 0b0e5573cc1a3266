package org.lehr.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lehr.kernels.ConvolutionKernels.Causal;
import org.lehr.kernels.ConvolutionKernels.CausalGradients;
import org.lehr.kernels.ConvolutionKernels.Form;
import org.lehr.kernels.DType;
import org.lehr.kernels.ScanKernels.Dual;
import org.lehr.kernels.ScanKernels.DualGradients;
import org.lehr.kernels.ScanKernels.Linear;
import org.lehr.kernels.ScanKernels.LinearGradients;
import org.lehr.kernels.ScanKernels.Selective;
import org.lehr.kernels.ScanKernels.SelectiveGradients;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// Convolutions, recurrences, Fourier transforms and rational functions.
final class SequenceCases {

    private static final double SUM = 64;

    /// Times of the recurrences; sequences change in between.
    private static final long T = 5;

    private static final double[] SEQUENCES = {0, 0, 1, 1, 2, 3, 4, 4, 4, 4};

    private SequenceCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16)) {
            convolution(cases, dtype, "of three groups", 6, new Form(2, 1, 1, 2, 1, 2, 3));
            convolution(cases, dtype, "plain", 2, Form.of(1, 0, 1, 1));
            causal(cases, dtype);
            for (boolean complex : new boolean[] {false, true}) {
                linear(cases, dtype, complex);
                selective(cases, dtype, complex);
            }
            dual(cases, dtype);
            others(cases, dtype);
        }
        return cases;
    }

    private static void convolution(List<Case> cases, DType dtype, String what, long channels, Form form) {
        long c = channels / form.groups();
        long rows = form.rows(7, 3);
        long columns = form.columns(6, 2);
        cases.add(new Case("convolution", dtype + " " + what, SUM, scene -> {
            View x = scene.input(dtype, 2, channels, 7, 6);
            View weight = scene.input(dtype, 6, c, 3, 2);
            var kernels = scene.backend().convolutions();
            kernels.convolution(scene.output(dtype, 2, 6, rows, columns), x, weight, scene.input(dtype, 6), form);
            View dy = scene.input(dtype, 2, 6, rows, columns);
            kernels.inputGradient(scene.output(dtype, 2, channels, 7, 6), dy, weight, form);
            kernels.weightGradient(scene.output(dtype, 6, c, 3, 2), dy, x, form);
        }));
        cases.add(new Case("largest", dtype + " " + what, 0, scene -> {
            Form one = new Form(2, 1, 1, 0, 1, 2, 1);
            View places = scene.output(DType.INT64, 2, 3, one.rows(7, 3), one.columns(6, 2));
            scene.backend().convolutions().largest(places, scene.special(dtype, 2, 3, 7, 6), 3, 2, one);
        }));
    }

    private static void causal(List<Case> cases, DType dtype) {
        for (boolean whole : new boolean[] {true, false}) {
            cases.add(new Case("causal", dtype + (whole ? " with a state" : " alone"), SUM, scene -> {
                View x = scene.input(dtype, 2, 5, 3);
                Causal form = new Causal(
                        scene.input(dtype, 3, 4),
                        whole ? scene.input(dtype, 3) : null,
                        whole ? scene.input(dtype, 2, 3, 3) : null,
                        whole);
                var kernels = scene.backend().convolutions();
                kernels.causal(scene.output(dtype, 2, 5, 3), x, form);
                kernels.causalBackward(
                        new CausalGradients(
                                scene.output(dtype, 2, 5, 3),
                                scene.output(dtype, 3, 4),
                                whole ? scene.output(dtype, 3) : null,
                                whole ? scene.output(dtype, 2, 3, 3) : null),
                        scene.input(dtype, 2, 5, 3),
                        x,
                        form);
            }));
        }
    }

    private static void linear(List<Case> cases, DType dtype, boolean complex) {
        for (boolean whole : new boolean[] {true, false}) {
            String what = dtype + (complex ? " complex" : "") + (whole ? " with a start" : "");
            cases.add(new Case("linear", what, SUM, scene -> {
                long[] shape = pairs(complex, 2, T, 3);
                Linear form = new Linear(
                        scene.input(dtype, shape),
                        scene.input(dtype, shape),
                        whole ? scene.input(dtype, pairs(complex, 2, 3)) : null,
                        whole ? scene.dense(DType.INT32, SEQUENCES, 2, T) : null);
                View h = scene.output(dtype, shape);
                scene.backend().scans().linear(h, form);
                LinearGradients out = new LinearGradients(
                        scene.output(dtype, shape),
                        scene.output(dtype, shape),
                        whole ? scene.output(dtype, pairs(complex, 2, 3)) : null);
                scene.backend().scans().linearBackward(out, scene.input(dtype, shape), h, form);
            }));
        }
    }

    private static void selective(List<Case> cases, DType dtype, boolean complex) {
        for (boolean whole : new boolean[] {true, false}) {
            String what = dtype + (complex ? " complex" : "") + (whole ? " with everything" : " alone");
            cases.add(new Case("selective", what, SUM, scene -> {
                Selective form = new Selective(
                        scene.input(dtype, 2, T, 4),
                        scene.positive(dtype, 2, T, 4),
                        scene.dense(dtype, falling(complex ? 24 : 12), pairs(complex, 4, 3)),
                        scene.input(dtype, pairs(complex, 2, T, 2, 3)),
                        scene.input(dtype, pairs(complex, 2, T, 2, 3)),
                        whole ? scene.input(dtype, 4) : null,
                        whole ? scene.input(dtype, 2, T, 4) : null,
                        whole ? scene.input(dtype, 4) : null,
                        whole ? scene.input(dtype, pairs(complex, 2, 4, 3)) : null,
                        whole ? scene.dense(DType.INT32, SEQUENCES, 2, T) : null,
                        whole);
                var kernels = scene.backend().scans();
                View kept = kept(scene, dtype, kernels.kept(form));
                View last = whole ? scene.output(dtype, pairs(complex, 2, 4, 3)) : null;
                kernels.selective(scene.output(dtype, 2, T, 4), last, kept, form);
                SelectiveGradients out = new SelectiveGradients(
                        scene.output(dtype, 2, T, 4),
                        scene.output(dtype, 2, T, 4),
                        scene.output(dtype, pairs(complex, 4, 3)),
                        scene.output(dtype, pairs(complex, 2, T, 2, 3)),
                        scene.output(dtype, pairs(complex, 2, T, 2, 3)),
                        whole ? scene.output(dtype, 4) : null,
                        whole ? scene.output(dtype, 2, T, 4) : null,
                        whole ? scene.output(dtype, 4) : null,
                        whole ? scene.output(dtype, pairs(complex, 2, 4, 3)) : null);
                View dLast = whole ? scene.input(dtype, pairs(complex, 2, 4, 3)) : null;
                kernels.selectiveBackward(out, scene.input(dtype, 2, T, 4), dLast, kept, form);
            }));
        }
    }

    private static void dual(List<Case> cases, DType dtype) {
        for (boolean whole : new boolean[] {true, false}) {
            cases.add(new Case("dual", dtype + (whole ? " with a start" : " alone"), SUM, scene -> {
                Dual form = new Dual(
                        scene.input(dtype, 2, T, 4, 2),
                        scene.dense(dtype, falling(40), 2, T, 4),
                        scene.input(dtype, 2, T, 2, 3),
                        scene.input(dtype, 2, T, 2, 3),
                        whole ? scene.input(dtype, 2, 4, 2, 3) : null,
                        whole ? scene.dense(DType.INT32, SEQUENCES, 2, T) : null,
                        2);
                var kernels = scene.backend().scans();
                View kept = kept(scene, dtype, kernels.kept(form));
                View last = whole ? scene.output(dtype, 2, 4, 2, 3) : null;
                kernels.dual(scene.output(dtype, 2, T, 4, 2), last, kept, form);
                DualGradients out = new DualGradients(
                        scene.output(dtype, 2, T, 4, 2),
                        scene.output(dtype, 2, T, 4),
                        scene.output(dtype, 2, T, 2, 3),
                        scene.output(dtype, 2, T, 2, 3),
                        whole ? scene.output(dtype, 2, 4, 2, 3) : null);
                View dLast = whole ? scene.input(dtype, 2, 4, 2, 3) : null;
                kernels.dualBackward(out, scene.input(dtype, 2, T, 4, 2), dLast, kept, form);
            }));
        }
    }

    private static void others(List<Case> cases, DType dtype) {
        cases.add(new Case(
                "transform",
                dtype.toString(),
                SUM,
                scene -> scene.backend()
                        .fourier()
                        .transform(scene.output(dtype, 2, 9, 3, 2), scene.input(dtype, 2, 13, 3), 16)));
        cases.add(new Case(
                "inverse",
                dtype.toString(),
                SUM,
                scene -> scene.backend()
                        .fourier()
                        .inverse(scene.output(dtype, 2, 13, 3), scene.input(dtype, 2, 9, 3, 2), 16)));
        cases.add(new Case("rational", dtype.toString(), SUM, scene -> {
            View x = scene.input(dtype, 5, 6);
            View a = scene.input(dtype, 2, 6);
            View b = scene.input(dtype, 2, 4);
            var kernels = scene.backend().rationals();
            kernels.rational(scene.output(dtype, 5, 6), x, a, b);
            View dx = scene.output(dtype, 5, 6);
            kernels.rationalBackward(
                    dx, scene.output(dtype, 2, 6), scene.output(dtype, 2, 4), scene.input(dtype, 5, 6), x, a, b);
        }));
    }

    private static View kept(Scene scene, DType dtype, long count) {
        DType held = RowCases.statistics(dtype);
        Storage storage = scene.backend().allocate(count * held.bytes(), "kept");
        return View.rowMajor(storage, held, count);
    }

    private static double[] falling(int count) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = -0.1 - i % 7 * 0.125;
        }
        return values;
    }

    /// The shape, with a dimension of two behind it for complex numbers.
    private static long[] pairs(boolean complex, long... shape) {
        long[] all = Arrays.copyOf(shape, shape.length + (complex ? 1 : 0));
        if (complex) {
            all[shape.length] = 2;
        }
        return all;
    }
}
