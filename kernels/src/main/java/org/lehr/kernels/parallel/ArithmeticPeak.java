package org.lehr.kernels.parallel;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.Species;

/// How many float32 operations a second the machine can do when nothing stands in the way: what shares of peak refer
/// to.
public final class ArithmeticPeak {

    private static final int ROUNDS = 4000;
    private static final int CHAINS = 10;
    private static final long PATIENCE_NANOS = 300_000_000;

    private ArithmeticPeak() {}

    /// Measures for about 0.3 seconds on all threads of [Workers#current]; operations per second, a multiply-add
    /// being two.
    public static double measure() {
        Workers workers = Workers.current();
        int threads = workers.threads();
        double best = 0;
        long end = System.nanoTime() + PATIENCE_NANOS;
        float[] sink = new float[threads];
        while (System.nanoTime() < end) {
            long began = System.nanoTime();
            workers.forRange(
                    threads,
                    1,
                    (from, to) -> sink[(int) from] += Lanes.available() ? Simd.chains(1.0001f) : scalarChain(1.0001f));
            double seconds = (System.nanoTime() - began) * 1e-9;
            best = Math.max(best, threads * operations() / seconds);
        }
        return sink[0] == Float.MIN_VALUE ? 0 : best;
    }

    private static double operations() {
        return 2.0 * ROUNDS * (Lanes.available() ? CHAINS * Simd.width() : 1);
    }

    private static float scalarChain(float factor) {
        float x = 1;
        for (int i = 0; i < ROUNDS; i++) {
            x = x * factor + factor;
        }
        return x;
    }

    private static final class Simd {

        static int width() {
            return Species.F32.length();
        }

        /// Ten independent chains hide the latency of a multiply-add.
        static float chains(float factor) {
            FloatVector f = FloatVector.broadcast(Species.F32, factor);
            FloatVector a = f;
            FloatVector b = f;
            FloatVector c = f;
            FloatVector d = f;
            FloatVector e = f;
            FloatVector g = f;
            FloatVector h = f;
            FloatVector i = f;
            FloatVector j = f;
            FloatVector k = f;
            for (int r = 0; r < ROUNDS; r++) {
                a = a.fma(f, f);
                b = b.fma(f, f);
                c = c.fma(f, f);
                d = d.fma(f, f);
                e = e.fma(f, f);
                g = g.fma(f, f);
                h = h.fma(f, f);
                i = i.fma(f, f);
                j = j.fma(f, f);
                k = k.fma(f, f);
            }
            FloatVector sum = a.add(b).add(c.add(d)).add(e.add(g)).add(h.add(i)).add(j.add(k));
            return sum.lane(0);
        }
    }
}
