package org.lehr.bench.harness;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// The one benchmark that JMH sees: a call of a row by one of its variants, in a process that [Worker] has made for it.
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class OperationBenchmark {

    @Param("")
    public String row;

    @Param("LEHR")
    public Variant variant;

    private Runnable call;

    @Setup
    public void prepare() {
        call = PreparedCalls.get(row, variant);
    }

    @Benchmark
    public void call() {
        call.run();
    }
}
