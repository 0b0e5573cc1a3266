package org.lehr.kernels.scan;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import org.lehr.kernels.ScanKernels.Dual;
import org.lehr.kernels.ScanKernels.DualGradients;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Reals;
import org.lehr.kernels.parallel.Workers;

/// The definition of the state-space dual and of its gradients, in double, time by time and head by head; also the
/// path of float64.
///
/// With `g[t]` the gradient of the state, `g[t] = dy[t]⊗c[t] + exp(a[t + 1])·g[t + 1]`, and that of `a[t]` is
/// `exp(a[t])·⟨g[t], s[t − 1]⟩`. The backward pass keeps the states before each chunk and computes those of one chunk
/// again.
final class DualReference {

    private final Dual form;
    private final Grid x;
    private final Grid a;
    private final Grid b;
    private final Grid c;
    private final Reals start;
    private final int times;
    private final long heads;
    private final long perGroup;
    private final int width;
    private final int states;

    DualReference(Dual form) {
        this.form = form;
        this.x = Grid.of(form.x());
        this.a = Grid.of(form.a());
        this.b = Grid.of(form.b());
        this.c = Grid.of(form.c());
        this.start = Reals.of(form.start());
        this.times = Math.toIntExact(form.x().shape()[1]);
        this.heads = form.x().shape()[2];
        this.perGroup = heads / Math.max(1, form.b().shape()[2]);
        this.width = Math.toIntExact(form.x().shape()[3]);
        this.states = Math.toIntExact(form.b().shape()[3]);
    }

    void forward(View y, View last) {
        Grid out = Grid.of(y);
        Workers.current().forRange(form.x().shape()[0] * heads, 1, (from, to) -> {
            for (long i = from; i < to; i++) {
                long n = i / heads;
                long head = i % heads;
                double[] s = first(i);
                for (int t = 0; t < times; t++) {
                    step(s, 0, s, 0, n, t, head);
                    for (int p = 0; p < width; p++) {
                        double sum = 0;
                        for (int j = 0; j < states; j++) {
                            sum += s[p * states + j] * c.get(n, t, head / perGroup, j);
                        }
                        out.put(n, t, head, p, sum);
                    }
                }
                write(last, i, s);
            }
        });
    }

    private double[] first(long i) {
        double[] s = new double[width * states];
        for (int j = 0; j < s.length && start != null; j++) {
            s[j] = start.get(i * s.length + j);
        }
        return s;
    }

    private static void write(View view, long i, double... s) {
        for (int j = 0; j < s.length && view != null; j++) {
            Reals.of(view).put(i * s.length + j, s[j]);
        }
    }

    /// The factor of the state at a time; 0 where the state starts again.
    private double decay(long n, int t, long head) {
        View sequence = form.sequence();
        if (t > 0 && sequence != null) {
            long at = sequence.byteOffset() + 4 * (n * times + t);
            if (sequence.storage().segment().get(JAVA_INT_UNALIGNED, at)
                    != sequence.storage().segment().get(JAVA_INT_UNALIGNED, at - 4)) {
                return 0;
            }
        }
        return Math.exp(a.get(n, t, head));
    }

    /// The state after a time at `to` from the one before at `from`.
    private void step(double[] out, int to, double[] s, int from, long n, int t, long head) {
        double decay = decay(n, t, head);
        for (int p = 0; p < width; p++) {
            double value = x.get(n, t, head, p);
            for (int j = 0; j < states; j++) {
                double kept = decay * s[from + p * states + j];
                out[to + p * states + j] = kept + value * b.get(n, t, head / perGroup, j);
            }
        }
    }

    /// The gradients of the inputs and of the result.
    private record Slopes(Grid x, Grid a, Grid b, Grid c, Grid y) {}

    void backward(DualGradients out, View dy, View dLast) {
        long groups = form.b().shape()[2];
        Slopes slopes = new Slopes(Grid.of(out.x()), Grid.of(out.a()), Grid.of(out.b()), Grid.of(out.c()), Grid.of(dy));
        Workers.current().forRange(form.x().shape()[0] * groups, 1, (from, to) -> {
            for (long i = from; i < to; i++) {
                clear(out.b(), i / groups, i % groups);
                clear(out.c(), i / groups, i % groups);
                for (long k = 0; k < perGroup; k++) {
                    head(slopes, Reals.of(dLast), out.start(), i / groups, i % groups * perGroup + k);
                }
            }
        });
    }

    private void clear(View view, long n, long group) {
        Grid grid = Grid.of(view);
        for (int t = 0; t < times; t++) {
            for (int j = 0; j < states; j++) {
                grid.put(n, t, group, j, 0);
            }
        }
    }

    private void head(Slopes slopes, Reals dLast, View dStart, long n, long head) {
        int chunk = Math.clamp(form.chunk(), 1, Math.max(1, times));
        int size = width * states;
        double[][] borders = new double[Math.ceilDiv(times, chunk) + 1][];
        borders[0] = first(n * heads + head);
        for (int t = 0; t < times; t += chunk) {
            double[] s = borders[t / chunk].clone();
            for (int i = t; i < Math.min(times, t + chunk); i++) {
                step(s, 0, s, 0, n, i, head);
            }
            borders[t / chunk + 1] = s;
        }
        double[] carry = new double[size];
        for (int j = 0; j < size && dLast != null; j++) {
            carry[j] = dLast.get((n * heads + head) * size + j);
        }
        double[] s = new double[(chunk + 1) * size];
        for (int t = (borders.length - 2) * chunk; t >= 0; t -= chunk) {
            int length = Math.min(chunk, times - t);
            System.arraycopy(borders[t / chunk], 0, s, 0, size);
            for (int i = 0; i < length; i++) {
                step(s, (i + 1) * size, s, i * size, n, t + i, head);
            }
            for (int i = length - 1; i >= 0; i--) {
                time(slopes, s, i * size, carry, n, t + i, head);
            }
        }
        write(dStart, n * heads + head, carry);
    }

    /// One time, backwards; `carry` is what later times want of the state after it, and then of the one before,
    /// which
    /// is at `before`.
    private void time(Slopes slopes, double[] s, int before, double[] carry, long n, int t, long head) {
        double decay = decay(n, t, head);
        long group = head / perGroup;
        int after = before + carry.length;
        double da = 0;
        for (int p = 0; p < width; p++) {
            double slope = slopes.y.get(n, t, head, p);
            double value = x.get(n, t, head, p);
            double dx = 0;
            for (int j = 0; j < states; j++) {
                int i = p * states + j;
                slopes.c.add(n, t, group, j, slope * s[after + i]);
                carry[i] += slope * c.get(n, t, group, j);
                slopes.b.add(n, t, group, j, carry[i] * value);
                dx += carry[i] * b.get(n, t, group, j);
                carry[i] *= decay;
                da += carry[i] * s[before + i];
            }
            slopes.x.put(n, t, head, p, dx);
        }
        slopes.a.put(n, t, head, da);
    }
}
