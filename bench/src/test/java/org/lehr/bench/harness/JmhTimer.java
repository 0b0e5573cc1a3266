package org.lehr.bench.harness;

import java.util.Collection;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Times calls with JMH inside this process, which was started for them.
final class JmhTimer {

    private JmhTimer() {}

    /// Milliseconds per call, the average of each iteration.
    static double[] time(String row, Variant variant, TimingPlan plan) throws RunnerException {
        Options options = new OptionsBuilder()
                .include(OperationBenchmark.class.getName() + ".call")
                .param("row", row)
                .param("variant", variant.name())
                .forks(0)
                .warmupIterations(plan.warmUpMillis() > 0 ? 1 : 0)
                .warmupTime(TimeValue.milliseconds(Math.max(1, plan.warmUpMillis())))
                .measurementIterations(plan.iterations())
                .measurementTime(TimeValue.milliseconds(plan.iterationMillis()))
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .build();
        Collection<RunResult> results = new Runner(options).run();
        return results.stream()
                .flatMap(result -> result.getBenchmarkResults().stream())
                .flatMap(result -> result.getIterationResults().stream())
                .mapToDouble(iteration -> iteration.getPrimaryResult().getScore())
                .toArray();
    }
}
