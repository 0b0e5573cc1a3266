package org.lehr.engine.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.Tabulated;
import org.lehr.engine.schedule.control.ControlSpec;
import org.lehr.engine.schedule.predict.AnnealingFit;
import org.lehr.engine.schedule.predict.Refinement;
import org.lehr.engine.train.RunConfig;
import org.lehr.engine.train.RunConfigJson;
import org.lehr.engine.train.run.MetricNames;
import org.lehr.engine.train.run.Metrics;
import org.lehr.engine.train.run.MetricsLog;
import org.lehr.engine.train.run.RunFolder;

/// What a run of `lehr train` tells of schedules.
///
/// @param name of its folder, for messages
/// @param training how it was trained
/// @param log what was logged
record RecordedRun(String name, RunConfig.Optimization training, List<Metrics> log) {

    /// Reads the run in `folder`.
    static RecordedRun read(Path folder) throws IOException {
        return new RecordedRun(
                folder.toString(),
                RunConfigJson.read(folder.resolve(RunFolder.CONFIG)).optimization(),
                MetricsLog.read(folder.resolve(RunFolder.METRICS)));
    }

    private Schedule schedule() {
        ControlSpec spec = ControlSpec.parse(training.schedule());
        if (!spec.isPlain()) {
            throw new IllegalArgumentException("run " + name + ": expected a schedule that is a function of the step"
                    + " alone, got " + spec + ", which listened to the run");
        }
        return spec.base().build(training.steps(), training.learningRate(), training.warmup());
    }

    /// The losses after the warm-up. A logged loss is the mean since the entry before and counts for the middle.
    AnnealingFit.Curve losses() {
        int[] steps = new int[log.size()];
        double[] losses = new double[log.size()];
        int count = 0;
        long before = 0;
        for (Metrics entry : log) {
            int middle = Math.toIntExact((before + entry.step() + 1) / 2);
            double loss = entry.number(MetricNames.LOSS);
            if (before >= training.warmup() && Double.isFinite(loss)) {
                steps[count] = middle;
                losses[count++] = loss;
            }
            before = entry.step();
        }
        if (count < 8) {
            throw new IllegalArgumentException(
                    "run " + name + ": expected at least 8 losses after the warm-up, got " + count);
        }
        return new AnnealingFit.Curve(schedule(), Arrays.copyOf(steps, count), Arrays.copyOf(losses, count));
    }

    /// The schedule that is refined from the norms of its gradients; a norm counts for the steps since the entry
    /// before. Only the L2 norm is logged: for Adam and its kin its reciprocal stands in for that of the L1 norm.
    Tabulated refined() {
        int steps = log.isEmpty() ? 0 : Math.toIntExact(log.getLast().step());
        double[] norms = new double[steps];
        int from = 0;
        for (Metrics entry : log) {
            int to = Math.toIntExact(entry.step());
            Arrays.fill(norms, from, to, entry.number(MetricNames.GRADIENT_NORM));
            from = to;
        }
        boolean plain = training.optimizer().equals("sgd");
        Refinement.Weight weight = plain ? Refinement.Weight.SQUARED : Refinement.Weight.RECIPROCAL;
        return new Refinement(weight, Refinement.DEFAULT.smoothing()).schedule(norms, training.learningRate());
    }
}
