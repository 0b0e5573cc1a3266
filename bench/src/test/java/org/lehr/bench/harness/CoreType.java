package org.lehr.bench.harness;

import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lehr.bench.Operation;

/// Finds OpenBLAS's fastest kernels here: left alone it may choose those of an older processor.
final class CoreType {

    private static final List<String> CANDIDATES = List.of("", "Cooperlake", "SkylakeX");
    private static final String PROBE = "matmul/nn/512x512x512";
    private static final int ROUNDS = 3;
    private static final TimingPlan TURN = new TimingPlan(10, 40);
    /// What another choice must gain over leaving OpenBLAS alone.
    private static final double WORTH = 0.97;

    private CoreType() {}

    static String fastest(File log) {
        if (!(Catalog.row(PROBE) instanceof Operation)) {
            throw new IllegalStateException(PROBE + " is not an operation");
        }
        List<WorkerProcess> processes = new ArrayList<>();
        try {
            for (String candidate : CANDIDATES) {
                processes.add(new WorkerProcess(new WorkerProcess.Place(Surroundings.TUNED_PEER, 1, candidate, log)));
            }
            double[] least = new double[CANDIDATES.size()];
            Arrays.fill(least, Double.MAX_VALUE);
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < least.length; i++) {
                    least[i] = Math.min(least[i], processes.get(i).time(PROBE, Variant.OPENBLAS, TURN));
                }
            }
            int best = 0;
            for (int i = 1; i < least.length; i++) {
                if (least[i] < (best == 0 ? WORTH : 1) * least[best]) {
                    best = i;
                }
            }
            return CANDIDATES.get(best);
        } finally {
            processes.forEach(WorkerProcess::close);
        }
    }
}
