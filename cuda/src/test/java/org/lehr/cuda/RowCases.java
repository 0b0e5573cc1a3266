package org.lehr.cuda;

import java.util.ArrayList;
import java.util.List;
import org.lehr.kernels.DType;
import org.lehr.kernels.LossKernels.CrossEntropy;
import org.lehr.kernels.UpdateKernels.Adam;
import org.lehr.kernels.UpdateKernels.AdamSlot;
import org.lehr.kernels.UpdateKernels.Sgd;
import org.lehr.kernels.UpdateKernels.SgdSlot;
import org.lehr.kernels.View;

/// Norms, losses, optimizer steps, random numbers and indexed access.
final class RowCases {

    private static final List<DType> FLOATING = List.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16);
    private static final List<DType> INDICES = List.of(DType.INT64, DType.INT32);
    private static final List<DType> SUMMED =
            List.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16, DType.INT64, DType.INT32);

    /// Steps between sums of a row in two orders.
    private static final double ROW = 32;

    private RowCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (DType dtype : FLOATING) {
            DType statistics = statistics(dtype);
            norms(cases, dtype, statistics);
            losses(cases, dtype, statistics);
            updates(cases, dtype, statistics);
            randoms(cases, dtype);
        }
        for (DType index : INDICES) {
            indexed(cases, index);
            cases.add(new Case(
                    "integers",
                    index.toString(),
                    0,
                    scene ->
                            scene.backend().randoms().integers(scene.output(index, 41), 1000, 0x123456789abcdefL, 77)));
        }
        for (boolean signed : new boolean[] {true, false}) {
            cases.add(new Case("encode", signed ? "signed" : "positive", 0, scene -> {
                View values = signed ? scene.input(DType.FLOAT32, 300) : scene.positive(DType.FLOAT32, 300);
                View codes = scene.output(DType.UINT8, 300);
                View scales = scene.output(DType.FLOAT32, 2);
                scene.backend().updates().encode(codes, scales, values, signed);
                scene.backend().updates().decode(scene.output(DType.FLOAT32, 300), codes, scales, signed);
            }));
        }
        return cases;
    }

    static DType statistics(DType dtype) {
        return dtype == DType.FLOAT64 ? dtype : DType.FLOAT32;
    }

    private static void norms(List<Case> cases, DType dtype, DType statistics) {
        for (long n : new long[] {1, 37, 70}) {
            cases.add(new Case("layer_norm", dtype + " of " + n, ROW, scene -> {
                View mean = scene.output(statistics, 3);
                View rstd = scene.output(statistics, 3);
                View x = scene.input(dtype, 3, n);
                View weight = scene.input(dtype, n);
                var kernels = scene.backend().normalizations();
                kernels.layerNorm(scene.output(dtype, 3, n), mean, rstd, x, weight, scene.input(dtype, n), 1e-1);
                View dy = scene.input(dtype, 3, n);
                kernels.layerNormBackward(
                        scene.output(dtype, 3, n),
                        scene.output(dtype, n),
                        scene.output(dtype, n),
                        dy,
                        x,
                        mean,
                        rstd,
                        weight);
            }));
            cases.add(new Case("rms_norm", dtype + " of " + n, ROW, scene -> {
                View rstd = scene.output(statistics, 3);
                View x = scene.input(dtype, 3, n);
                View weight = scene.input(dtype, n);
                var kernels = scene.backend().normalizations();
                kernels.rmsNorm(scene.output(dtype, 3, n), rstd, x, weight, 1e-1);
                kernels.rmsNormBackward(
                        scene.output(dtype, 3, n), scene.output(dtype, n), scene.input(dtype, 3, n), x, rstd, weight);
            }));
        }
    }

    private static void losses(List<Case> cases, DType dtype, DType statistics) {
        CrossEntropy form = new CrossEntropy(0.1, 2, 0.01);
        for (DType index : INDICES) {
            cases.add(new Case("crossEntropy", dtype + " of " + index, ROW, scene -> {
                View x = scene.input(dtype, 6, 35);
                View targets = scene.dense(index, new double[] {0, 34, 2, 7, 2, 11}, 6);
                View lse = scene.output(statistics, 6);
                var kernels = scene.backend().losses();
                kernels.crossEntropy(scene.output(statistics, 6), lse, x, targets, form);
                View dLoss = scene.input(statistics, 6);
                kernels.crossEntropyBackward(scene.output(dtype, 6, 35), dLoss, x, lse, targets, form);
            }));
        }
        cases.add(new Case("crossEntropy", dtype + " with its gradient", ROW, scene -> {
            View x = scene.input(dtype, 3, 9);
            View targets = scene.dense(DType.INT64, new double[] {1, 2, 8}, 3);
            View loss = scene.output(statistics, 3);
            View lse = scene.output(statistics, 3);
            scene.backend()
                    .losses()
                    .crossEntropyWithGradient(loss, lse, scene.output(dtype, 3, 9), 0.5, x, targets, form);
        }));
        cases.add(new Case("crossEntropy", dtype + " of probabilities", ROW, scene -> {
            View x = scene.input(dtype, 4, 40);
            View targets = scene.positive(dtype, 4, 40);
            View lse = scene.output(statistics, 4);
            var kernels = scene.backend().losses();
            kernels.crossEntropy(scene.output(statistics, 4), lse, x, targets, form);
            kernels.crossEntropyBackward(scene.output(dtype, 4, 40), scene.input(statistics, 4), x, lse, targets, form);
        }));
    }

    private static void updates(List<Case> cases, DType dtype, DType state) {
        double exact = dtype == DType.FLOAT64 ? 4 : 0;
        for (boolean decoupled : new boolean[] {true, false}) {
            cases.add(new Case("adam", dtype + (decoupled ? " decoupled" : " coupled with maximum"), exact, scene -> {
                View parameter = scene.result(scene.input(dtype, 131));
                View gradient = scene.input(decoupled ? dtype : state, 131);
                View mean = scene.result(scene.input(state, 131));
                View variance = scene.result(scene.positive(state, 131));
                View maximum = decoupled ? null : scene.result(scene.positive(state, 131));
                scene.backend()
                        .updates()
                        .adam(
                                List.of(new AdamSlot(parameter, gradient, mean, variance, maximum)),
                                new Adam(1e-2, 0.9, 0.98, 1e-8, 0.1, decoupled, 3, 0.5));
            }));
        }
        for (boolean nesterov : new boolean[] {true, false}) {
            cases.add(new Case("sgd", dtype + (nesterov ? " nesterov" : " first step"), exact, scene -> {
                View parameter = scene.result(scene.input(dtype, 67));
                View gradient = scene.input(dtype, 67);
                View momentum = scene.result(scene.input(state, 67));
                scene.backend()
                        .updates()
                        .sgd(
                                List.of(
                                        new SgdSlot(parameter, gradient, momentum),
                                        new SgdSlot(scene.result(scene.input(dtype, 3)), scene.input(dtype, 3), null)),
                                new Sgd(1e-1, 0.9, 0.1, nesterov, 0.01, nesterov ? 2 : 1, 1));
            }));
        }
    }

    private static void randoms(List<Case> cases, DType dtype) {
        cases.add(new Case(
                "uniform",
                dtype.toString(),
                0,
                scene -> scene.backend()
                        .randoms()
                        .uniform(scene.output(dtype, 7, 43), 0xfedcba9876543210L, (1L << 32) - 3)));
        cases.add(new Case(
                "normal",
                dtype.toString(),
                dtype == DType.FLOAT64 ? 8 : 0,
                scene -> scene.backend().randoms().normal(scene.output(dtype, 7, 43), -5, 11)));
        cases.add(new Case("dropout", dtype.toString(), 0, scene -> {
            View x = scene.input(dtype, 7, 43);
            scene.backend().randoms().dropout(scene.output(dtype, 7, 43), x, 0.3, 99, 5);
        }));
    }

    private static void indexed(List<Case> cases, DType index) {
        for (DType dtype : DType.values()) {
            cases.add(new Case(
                    "selectRows",
                    dtype + " by " + index,
                    0,
                    scene -> scene.backend()
                            .indexing()
                            .selectRows(
                                    scene.output(dtype, 9, 5), scene.input(dtype, 6, 5), scene.indices(index, 6, 9))));
            cases.add(new Case(
                    "gather",
                    dtype + " by " + index,
                    0,
                    scene -> scene.backend()
                            .indexing()
                            .gather(
                                    scene.output(dtype, 2, 4, 3),
                                    scene.input(dtype, 2, 6, 3),
                                    scene.indices(index, 6, 2, 4, 3))));
        }
        for (DType dtype : SUMMED) {
            // The host rounds bfloat16 sums of repeated rows in between.
            double steps = dtype == DType.BFLOAT16 ? 8 : 0;
            cases.add(new Case("addRows", dtype + " by " + index, steps, scene -> {
                View table = scene.result(scene.input(dtype, 4, 5));
                View indices = scene.indices(index, 4, 9);
                scene.backend().indexing().addRows(table, indices, scene.input(dtype, 9, 5));
            }));
            cases.add(new Case("rowSums", dtype + " by " + index, steps, scene -> {
                View indices = scene.indices(index, 4, 9);
                scene.backend().indexing().rowSums(scene.output(dtype, 7, 5), indices, scene.input(dtype, 9, 5));
            }));
            cases.add(new Case("scatterAdd", dtype + " by " + index, steps, scene -> {
                View out = scene.result(scene.input(dtype, 2, 3, 4));
                View indices = scene.indices(index, 3, 2, 6, 4);
                scene.backend().indexing().scatterAdd(out, indices, scene.input(dtype, 2, 6, 4));
            }));
        }
    }
}
