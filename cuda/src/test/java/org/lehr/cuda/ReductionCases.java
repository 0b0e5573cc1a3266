package org.lehr.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels.Reduction;
import org.lehr.kernels.ReductionKernels.Scan;
import org.lehr.kernels.View;

/// Many values into one, softmax, sorting.
final class ReductionCases {

    private static final Set<Reduction> EXACT = Set.of(Reduction.MAX, Reduction.MIN, Reduction.ANY, Reduction.ALL);
    private static final double SUM = 32;

    private ReductionCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (DType dtype : DType.values()) {
            for (Reduction reduction : Reduction.values()) {
                if (isDefined(reduction, dtype)) {
                    reduce(cases, reduction, dtype);
                }
            }
            ordered(cases, dtype);
            if (dtype.isFloating()) {
                softmax(cases, dtype);
            }
        }
        return cases;
    }

    private static void reduce(List<Case> cases, Reduction reduction, DType dtype) {
        boolean counts = dtype == DType.UINT8 || dtype == DType.BOOL;
        DType to = reduction == Reduction.SUM && counts ? DType.INT64 : dtype;
        double steps = EXACT.contains(reduction) || !dtype.isFloating() ? 0 : SUM;
        String name = "reduce " + reduction;
        cases.add(new Case(name, dtype.toString(), steps, scene -> {
            var kernels = scene.backend().reductions();
            kernels.reduce(reduction, scene.output(to, 3, 1, 4), scene.strided(dtype, 3, 37, 4), 1);
            kernels.reduce(reduction, scene.output(to, 1, 5, 1), scene.input(dtype, 3, 5, 7), 0, 2);
            kernels.reduce(reduction, scene.output(to, 1, 1), scene.input(dtype, 3, 5), 0, 1);
            kernels.reduce(reduction, scene.output(to, 2, 1), scene.input(dtype, 2, 0), 1);
        }));
        if (reduction != Reduction.PRODUCT) {
            cases.add(new Case(
                    name,
                    dtype + " in parts",
                    steps,
                    scene -> scene.backend()
                            .reductions()
                            .reduce(reduction, scene.output(to, 1, 1), scene.input(dtype, 3, 4100), 0, 1)));
        }
        if (dtype.isFloating() && EXACT.contains(reduction)) {
            cases.add(new Case(
                    name,
                    dtype + " with NaN",
                    0,
                    scene -> scene.backend()
                            .reductions()
                            .reduce(reduction, scene.output(to, 9, 1), scene.special(dtype, 9, 4), 1)));
        }
    }

    private static void ordered(List<Case> cases, DType dtype) {
        for (boolean most : new boolean[] {true, false}) {
            String which = dtype + (most ? " largest" : " smallest");
            cases.add(new Case("argument", which, 0, scene -> {
                var kernels = scene.backend().reductions();
                kernels.argument(most, scene.output(DType.INT64, 3, 1, 2), scene.strided(dtype, 3, 40, 2), 1);
                kernels.argument(most, scene.output(DType.INT64, 9, 1), scene.special(dtype, 9, 5), 1);
            }));
            cases.add(new Case("sort", which, 0, scene -> {
                View values = scene.output(dtype, 3, 19);
                View indices = scene.output(DType.INT64, 3, 19);
                scene.backend().reductions().sort(values, indices, scene.special(dtype, 3, 19), most);
            }));
            cases.add(new Case("topK", which, 0, scene -> {
                View values = scene.output(dtype, 3, 4);
                View indices = scene.output(DType.INT64, 3, 4);
                scene.backend().reductions().topK(values, indices, scene.special(dtype, 3, 19), most);
            }));
        }
        // Sums of bool are not bool: the host leaves counts there.
        for (Scan scan : dtype == DType.BOOL ? new Scan[] {Scan.MAX} : Scan.values()) {
            for (boolean reverse : new boolean[] {false, true}) {
                String what = dtype + " " + scan + (reverse ? " from the end" : "");
                cases.add(new Case(
                        "scan",
                        what,
                        dtype.isFloating() ? 4 : 0,
                        scene -> scene.backend()
                                .reductions()
                                .scan(
                                        scan,
                                        scene.stridedOutput(dtype, 2, 9, 3),
                                        scene.strided(dtype, 2, 9, 3),
                                        1,
                                        reverse)));
            }
        }
    }

    private static void softmax(List<Case> cases, DType dtype) {
        for (long n : new long[] {1, 35}) {
            cases.add(new Case("softmax", dtype + " of " + n, SUM, scene -> {
                View x = scene.input(dtype, 3, n);
                View y = scene.output(dtype, 3, n);
                scene.backend().reductions().softmax(y, x);
                scene.backend().reductions().softmaxBackward(scene.output(dtype, 3, n), y, scene.input(dtype, 3, n));
            }));
            cases.add(new Case("logSoftmax", dtype + " of " + n, SUM, scene -> {
                View x = scene.input(dtype, 3, n);
                View y = scene.output(dtype, 3, n);
                scene.backend().reductions().logSoftmax(y, x);
                scene.backend().reductions().logSoftmaxBackward(scene.output(dtype, 3, n), y, scene.input(dtype, 3, n));
            }));
        }
        cases.add(new Case(
                "globalNorm",
                dtype.toString(),
                16,
                scene -> scene.result(scene.backend()
                        .reductions()
                        .globalNorm(scene.input(dtype, 3, 7), scene.input(dtype, 9000), scene.input(dtype, 0)))));
    }

    private static boolean isDefined(Reduction reduction, DType dtype) {
        return switch (reduction) {
            case ANY, ALL -> dtype == DType.BOOL;
            case SUM -> true;
            case PRODUCT, MAX, MIN -> dtype != DType.BOOL;
            case MEAN, SUM_ABSOLUTE, SUM_SQUARES, LOGSUMEXP, SUM_SQUARED_DEVIATIONS -> dtype.isFloating();
        };
    }
}
