package org.lehr.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What this machine can do at most, the denominator of every figure bound by memory: a copy of an array
/// larger than the caches.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PeakBenchmark {
    private static final int FLOATS = 16 << 20;

    private final float[] from = new float[FLOATS];
    private final float[] to = new float[FLOATS];

    /// 64 MiB read and 64 MiB written.
    @Benchmark
    public float[] copy() {
        System.arraycopy(from, 0, to, 0, FLOATS);
        return to;
    }
}
