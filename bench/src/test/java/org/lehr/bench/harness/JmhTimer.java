package org.lehr.bench.harness;

import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Times calls with JMH inside this process, which was started for them.
final class JmhTimer {

    private static final double MIDDLE = 50;

    private JmhTimer() {}

    /// Milliseconds of the median call. Calls are timed one by one, because a single one may meet fresh pages.
    static double time(String row, Variant variant, TimingPlan plan) throws RunnerException {
        Options options = new OptionsBuilder()
                .include(OperationBenchmark.class.getName() + ".call")
                .param("row", row)
                .param("variant", variant.name())
                .forks(0)
                .warmupIterations(1)
                .warmupTime(TimeValue.milliseconds(plan.warmUpMillis()))
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(plan.millis()))
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .build();
        return new Runner(options)
                .runSingle()
                .getPrimaryResult()
                .getStatistics()
                .getPercentile(MIDDLE);
    }
}
