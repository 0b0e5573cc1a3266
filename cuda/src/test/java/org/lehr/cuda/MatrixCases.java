package org.lehr.cuda;

import java.util.ArrayList;
import java.util.List;
import org.lehr.kernels.AttentionKernels.Mask;
import org.lehr.kernels.DType;
import org.lehr.kernels.MatmulKernels.Activation;
import org.lehr.kernels.MatmulKernels.Epilogue;
import org.lehr.kernels.View;

/// Products of matrices, and attention.
final class MatrixCases {

    private static final List<DType> FLOATING = List.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16);

    /// Steps between sums of products in two orders.
    private static final double SUM = 32;

    private MatrixCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (DType dtype : FLOATING) {
            for (long[] size : new long[][] {{1, 1, 1}, {17, 33, 18}, {5, 0, 3}, {0, 4, 3}, {16, 16, 16}}) {
                products(cases, dtype, size[0], size[1], size[2]);
            }
            for (Activation activation : Activation.values()) {
                cases.add(new Case("matmul", dtype + " then " + activation, SUM, scene -> {
                    View a = scene.input(dtype, 3, 9);
                    View b = scene.input(dtype, 9, 20);
                    Epilogue epilogue = new Epilogue(
                            0.5,
                            scene.input(dtype, 20),
                            activation,
                            scene.input(dtype, 3, 20),
                            scene.output(dtype, 3, 20));
                    scene.backend().matmuls().matmul(scene.output(dtype, 3, 20), a, b, false, epilogue);
                }));
            }
            grouped(cases, dtype);
            attention(cases, dtype);
        }
        tensors(cases, DType.BFLOAT16);
        return cases;
    }

    private static void products(List<Case> cases, DType dtype, long m, long k, long n) {
        String size = dtype + " " + m + "x" + k + "x" + n;
        cases.add(new Case("matmul", size, SUM, scene -> {
            View a = scene.input(dtype, 2, m, k);
            View b = scene.strided(dtype, 2, k, n);
            scene.backend().matmuls().matmul(scene.output(dtype, 2, m, n), a, b, false, Epilogue.NONE);
        }));
        cases.add(new Case("matmul", size + " added", SUM, scene -> {
            View c = scene.result(scene.input(dtype, m, n));
            View a = transposed(scene.input(dtype, k, m));
            View b = transposed(scene.input(dtype, n, k));
            scene.backend().matmuls().matmul(c, a, b, true, Epilogue.NONE);
        }));
    }

    /// Sizes that tensor cores take: of less than a tile, of one and a bit, with an odd rest along
    /// every
    /// dimension, and with fewer slices than are under way; each factor in both layouts, its rows padded to 16
    /// bytes.
    private static void tensors(List<Case> cases, DType dtype) {
        for (int layouts = 0; layouts < 4; layouts++) {
            boolean deepA = layouts % 2 == 0;
            boolean deepB = layouts / 2 == 0;
            for (long[] size : new long[][] {{33, 35, 39}, {130, 99, 47}, {45, 64, 131}}) {
                String what = dtype + " " + size[0] + "x" + size[1] + "x" + size[2] + (deepA ? " deep" : " wide")
                        + (deepB ? " deep" : " wide");
                cases.add(new Case("matmul", what, SUM, scene -> {
                    View c = scene.result(scene.input(dtype, size[0], size[2]));
                    View a = deepA
                            ? padded(scene, dtype, size[0], size[1])
                            : transposed(padded(scene, dtype, size[1], size[0]));
                    View b = deepB
                            ? transposed(padded(scene, dtype, size[2], size[1]))
                            : padded(scene, dtype, size[1], size[2]);
                    scene.backend().matmuls().matmul(c, a, b, true, Epilogue.NONE);
                }));
            }
        }
        cases.add(new Case("matmul", dtype + " stack, one factor for all, then GELU", SUM, scene -> {
            View a = scene.input(dtype, 3, 37, 40);
            View b = scene.input(dtype, 40, 48);
            View everywhere = new View(b.storage(), dtype, b.offset(), new long[] {3, 40, 48}, new long[] {0, 48, 1});
            Epilogue epilogue = new Epilogue(
                    0.5,
                    scene.input(dtype, 48),
                    Activation.GELU,
                    scene.strided(dtype, 3, 37, 48),
                    scene.stridedOutput(dtype, 3, 37, 48));
            scene.backend().matmuls().matmul(scene.output(dtype, 3, 37, 48), a, everywhere, false, epilogue);
        }));
    }

    /// Rows with room for a multiple of 8 elements; what is behind the last element of the last row is not there.
    private static View padded(Scene scene, DType dtype, long rows, long columns) {
        long stride = (columns + 7) / 8 * 8;
        View whole = scene.input(dtype, (rows - 1) * stride + columns);
        return new View(whole.storage(), dtype, whole.offset(), new long[] {rows, columns}, new long[] {stride, 1});
    }

    private static void grouped(List<Case> cases, DType dtype) {
        double[] offsets = {0, 3, 3, 20, 23};
        for (boolean accumulate : new boolean[] {false, true}) {
            cases.add(new Case("groupedMatmul", dtype + (accumulate ? " added" : ""), SUM, scene -> {
                View c = accumulate ? scene.result(scene.input(dtype, 23, 18)) : scene.output(dtype, 23, 18);
                View a = scene.input(dtype, 23, 5);
                View o = scene.dense(DType.INT64, offsets, 5);
                scene.backend().matmuls().groupedMatmul(c, a, scene.input(dtype, 4, 5, 18), o, accumulate);
            }));
            cases.add(new Case("groupedGradient", dtype + (accumulate ? " added" : ""), SUM, scene -> {
                View c = accumulate ? scene.result(scene.input(dtype, 4, 18, 5)) : scene.output(dtype, 4, 18, 5);
                View a = scene.input(dtype, 23, 18);
                View o = scene.dense(DType.INT64, offsets, 5);
                scene.backend().matmuls().groupedGradient(c, a, scene.input(dtype, 23, 5), o, accumulate);
            }));
        }
        for (boolean transposed : new boolean[] {false, true}) {
            cases.add(new Case("ternaryMatmul", dtype + (transposed ? " transposed" : ""), SUM, scene -> {
                double[] words = new double[6];
                for (int i = 0; i < words.length; i++) {
                    words[i] = 0x12481624 + 0x01020408L * i;
                }
                View packed = scene.dense(DType.INT32, words, 3, 2);
                View a = scene.input(dtype, 4, transposed ? 3 : 19);
                View c = scene.output(dtype, 4, transposed ? 19 : 3);
                scene.backend().matmuls().ternaryMatmul(c, a, packed, transposed);
            }));
        }
    }

    private static void attention(List<Case> cases, DType dtype) {
        attend(cases, dtype, "plain", 5, 40, scene -> Mask.none(0.3));
        attend(cases, dtype, "causal", 35, 35, scene -> Mask.causal(0.3));
        attend(cases, dtype, "windowed with a cap", 6, 9, scene -> new Mask(0.5, 2, true, 3, null, null));
        attend(
                cases,
                dtype,
                "biased and padded",
                4,
                7,
                scene -> new Mask(
                        0.5,
                        0,
                        false,
                        0,
                        scene.input(dtype, 2, 4, 4, 7),
                        scene.dense(DType.BOOL, new double[] {0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}, 2, 7)));
        cases.add(new Case("forwardPages", dtype.toString(), SUM, scene -> {
            View q = scene.input(dtype, 2, 4, 1, 6);
            List<View> keys = List.of(scene.input(dtype, 2, 2, 3, 6), scene.input(dtype, 2, 2, 1, 6));
            List<View> values = List.of(scene.input(dtype, 2, 2, 3, 5), scene.input(dtype, 2, 2, 1, 5));
            View out = scene.output(dtype, 2, 4, 1, 5);
            scene.backend().attention().forwardPages(out, q, keys, values, Mask.causal(0.4));
        }));
        for (boolean inverse : new boolean[] {false, true}) {
            cases.add(new Case("rotate", dtype + (inverse ? " back" : ""), 0, scene -> {
                View x = heads(scene.input(dtype, 2, 5, 3, 8));
                View cos = scene.input(dtype, 5, 4);
                View sin = scene.input(dtype, 5, 4);
                scene.backend().attention().rotate(scene.output(dtype, 2, 3, 5, 8), x, cos, sin, inverse);
            }));
        }
    }

    private interface Masks {
        Mask of(Scene scene);
    }

    /// Four query heads over two key heads, seen through strides; forward and backward.
    private static void attend(List<Case> cases, DType dtype, String what, long t, long s, Masks masks) {
        cases.add(new Case("attention", dtype + " " + what, SUM, scene -> {
            View q = heads(scene.input(dtype, 2, t, 4, 6));
            View k = heads(scene.input(dtype, 2, s, 2, 6));
            View v = heads(scene.input(dtype, 2, s, 2, 5));
            View dOut = scene.input(dtype, 2, 4, t, 5);
            Mask mask = masks.of(scene);
            View out = scene.output(dtype, 2, 4, t, 5);
            View logSumExp = scene.output(RowCases.statistics(dtype), 2, 4, t);
            var kernels = scene.backend().attention();
            kernels.forward(out, logSumExp, q, k, v, mask);
            View dBias = mask.bias() == null ? null : scene.output(dtype, 2, 4, t, s);
            kernels.backward(
                    scene.output(dtype, 2, 4, t, 6),
                    scene.output(dtype, 2, 2, s, 6),
                    scene.output(dtype, 2, 2, s, 5),
                    dBias,
                    dOut,
                    out,
                    logSumExp,
                    q,
                    k,
                    v,
                    mask);
        }));
    }

    /// `[b, t, h, d]` as `[b, h, t, d]`.
    private static View heads(View view) {
        long[] shape = view.shape();
        long[] strides = view.strides();
        return new View(
                view.storage(),
                view.dtype(),
                view.offset(),
                new long[] {shape[0], shape[2], shape[1], shape[3]},
                new long[] {strides[0], strides[2], strides[1], strides[3]});
    }

    private static View transposed(View view) {
        return new View(
                view.storage(), view.dtype(), view.offset(), new long[] {view.shape()[1], view.shape()[0]}, new long[] {
                    view.strides()[1], view.strides()[0]
                });
    }
}
