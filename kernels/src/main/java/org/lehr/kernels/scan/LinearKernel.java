package org.lehr.kernels.scan;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import org.lehr.kernels.ScanKernels.Linear;
import org.lehr.kernels.ScanKernels.LinearGradients;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Reals;
import org.lehr.kernels.parallel.Workers;

/// The linear scan and its gradients in double, row by row of time; a piece is some channels of one sequence. The path
/// of float64 and of machines without vectors, and the judge of [LinearVectors].
///
/// `h[t] = a[t]∘h[t − 1] + x[t]`. Backwards `g[t] = dh[t] + conj(a[t + 1])∘g[t + 1]` is the gradient of `x[t]`, and
/// `g[t]∘conj(h[t − 1])` that of `a[t]`.
final class LinearKernel {

    private static final int CHANNELS = 64;

    private final Linear form;
    private final Reals x;
    private final Grid a;
    private final Reals start;
    private final int times;
    private final int channels;

    /// Numbers of a channel: 1, or 2 for complex ones.
    private final int parts;

    LinearKernel(Linear form) {
        this.form = form;
        this.x = Reals.of(form.x());
        this.a = Grid.of(form.a());
        this.start = Reals.of(form.start());
        this.times = Math.toIntExact(form.x().shape()[1]);
        this.channels = Math.toIntExact(form.x().shape()[2]);
        this.parts = form.complex() ? 2 : 1;
    }

    /// Work on channels `[from, to)` of sequence `n`.
    @FunctionalInterface
    private interface Work {
        void on(long n, int from, int to);
    }

    private void forEachPiece(Work work) {
        long blocks = Math.ceilDiv(channels, CHANNELS);
        Workers.current().forRange(form.x().shape()[0] * blocks, 1, (first, last) -> {
            for (long i = first; i < last; i++) {
                int from = (int) (i % blocks) * CHANNELS;
                work.on(i / blocks, from, Math.min(channels, from + CHANNELS));
            }
        });
    }

    private boolean resets(long n, int t) {
        View sequence = form.sequence();
        if (sequence == null || t == 0) {
            return false;
        }
        long at = sequence.byteOffset() + 4 * (n * times + t);
        return sequence.storage().segment().get(JAVA_INT_UNALIGNED, at)
                != sequence.storage().segment().get(JAVA_INT_UNALIGNED, at - 4);
    }

    /// Where channel `c` of sequence `n` stands at time `t`.
    private long place(long n, long t, int c) {
        return ((n * times + t) * channels + c) * parts;
    }

    void forward(View h) {
        Reals out = Reals.of(h);
        forEachPiece((n, from, to) -> {
            double[] state = start(n, from, to);
            for (int t = 0; t < times; t++) {
                boolean resets = resets(n, t);
                for (int c = from; c < to; c++) {
                    int s = (c - from) * parts;
                    long at = place(n, t, c);
                    if (resets) {
                        state[s] = 0;
                        state[s + parts - 1] = 0;
                    }
                    step(state, s, n, t, c, 1);
                    for (int p = 0; p < parts; p++) {
                        state[s + p] += x.get(at + p);
                        out.put(at + p, state[s + p]);
                    }
                }
            }
        });
    }

    private double[] start(long n, int from, int to) {
        double[] state = new double[(to - from) * parts];
        for (int i = 0; i < state.length && start != null; i++) {
            state[i] = start.get((n * channels + from) * parts + i);
        }
        return state;
    }

    /// `state = a∘state`, or with a `sign` of −1 `conj(a)∘state`.
    private void step(double[] state, int s, long n, int t, int c, int sign) {
        double re = a.get(n, t, (long) c * parts);
        if (parts == 1) {
            state[s] *= re;
            return;
        }
        double im = sign * a.get(n, t, 2L * c + 1);
        double was = state[s];
        state[s] = re * was - im * state[s + 1];
        state[s + 1] = re * state[s + 1] + im * was;
    }

    void backward(LinearGradients out, View dh, View h) {
        Reals slopes = Reals.of(dh);
        Reals states = Reals.of(h);
        Reals dx = Reals.of(out.x());
        Reals da = Reals.of(out.a());
        Reals dStart = Reals.of(out.start());
        forEachPiece((n, from, to) -> {
            double[] g = new double[(to - from) * parts];
            for (int t = times - 1; t >= 0; t--) {
                boolean resets = resets(n, t);
                for (int c = from; c < to; c++) {
                    int s = (c - from) * parts;
                    long at = place(n, t, c);
                    for (int p = 0; p < parts; p++) {
                        g[s + p] += slopes.get(at + p);
                        dx.put(at + p, g[s + p]);
                    }
                    if (resets) {
                        da.put(at, 0);
                        da.put(at + parts - 1, 0);
                        g[s] = 0;
                        g[s + parts - 1] = 0;
                    } else {
                        rate(da, at, g, s, states, n, t, c);
                        step(g, s, n, t, c, -1);
                    }
                }
            }
            for (int i = 0; i < g.length && dStart != null; i++) {
                dStart.put((n * channels + from) * parts + i, g[i]);
            }
        });
    }

    /// `da = g∘conj(h[t − 1])`
    private void rate(Reals da, long at, double[] g, int s, Reals states, long n, int t, int c) {
        Reals before = t == 0 ? start : states;
        long place = t == 0 ? (n * channels + c) * (long) parts : place(n, t - 1, c);
        double re = before == null ? 0 : before.get(place);
        if (parts == 1) {
            da.put(at, g[s] * re);
        } else {
            double im = before == null ? 0 : before.get(place + 1);
            da.put(at, g[s] * re + g[s + 1] * im);
            da.put(at + 1, g[s + 1] * re - g[s] * im);
        }
    }
}
