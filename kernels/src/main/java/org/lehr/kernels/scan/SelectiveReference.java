package org.lehr.kernels.scan;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.util.function.ToDoubleFunction;
import org.lehr.kernels.ScanKernels.Selective;
import org.lehr.kernels.ScanKernels.SelectiveGradients;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Reals;
import org.lehr.kernels.parallel.Workers;

/// The definition of the selective scan and of its gradients, in double, channel by channel; also the path of
/// float64 and of machines without vectors.
///
/// With `q = dh∘conj(exp(Δ·a)∘h[t − 1])` the gradient of `Δ·a` at one time, the backward recurrence is
/// `dh[t] = conj(c)·dy + conj(exp(Δ·a))∘dh[t + 1]`; real numbers are their own conjugates. For a complex `a`
/// the factor of `2·Re` goes to `dy`.
final class SelectiveReference {

    private final Selective form;
    private final Grid u;
    private final Grid delta;
    private final Reals a;
    private final Grid b;
    private final Grid c;
    private final Reals d;
    private final Grid z;
    private final Reals deltaBias;
    private final Reals start;
    private final int times;
    private final long channels;
    private final long perGroup;

    /// Numbers of a state, and of each of them: 1, or 2 for complex ones.
    private final int states;

    private final int parts;

    SelectiveReference(Selective form) {
        this.form = form;
        this.u = Grid.of(form.u());
        this.delta = Grid.of(form.delta());
        this.a = Reals.of(form.a());
        this.b = Grid.of(form.b());
        this.c = Grid.of(form.c());
        this.d = Reals.of(form.d());
        this.z = Grid.of(form.z());
        this.deltaBias = Reals.of(form.deltaBias());
        this.start = Reals.of(form.start());
        this.times = Math.toIntExact(form.u().shape()[1]);
        this.channels = form.u().shape()[2];
        this.perGroup = channels / Math.max(1, form.groups());
        this.states = Math.toIntExact(form.states());
        this.parts = form.complex() ? 2 : 1;
    }

    /// `[batch·channels]` recurrences from `from` to `to`.
    void forward(View y, View last, long from, long to) {
        Grid out = Grid.of(y);
        for (long i = from; i < to; i++) {
            long n = i / channels;
            long k = i % channels;
            double[] h = first(n, k);
            for (int t = 0; t < times; t++) {
                step(h, 0, h, 0, n, t, k);
                out.put(n, t, k, read(h, 0, n, t, k) * gate(n, t, k));
            }
            for (int j = 0; j < h.length && last != null; j++) {
                Reals.of(last).put(i * h.length + j, h[j]);
            }
        }
    }

    private double[] first(long n, long k) {
        double[] h = new double[states * parts];
        for (int j = 0; j < h.length && start != null; j++) {
            h[j] = start.get((n * channels + k) * h.length + j);
        }
        return h;
    }

    private double raw(long n, long t, long k) {
        return delta.get(n, t, k) + (deltaBias == null ? 0 : deltaBias.get(k));
    }

    private double width(long n, long t, long k) {
        double raw = raw(n, t, k);
        return form.softplus() ? Math.max(raw, 0) + Math.log1p(Math.exp(-Math.abs(raw))) : raw;
    }

    private boolean resets(long n, int t) {
        if (t == 0 || form.sequence() == null) {
            return false;
        }
        View sequence = form.sequence();
        long at = sequence.byteOffset() + 4 * (n * times + t);
        return sequence.storage().segment().get(JAVA_INT, at)
                != sequence.storage().segment().get(JAVA_INT, at - 4);
    }

    /// `exp(Δ·a)` of state `j`, one number or two; zeros where the state starts again.
    private void decay(double[] out, double width, boolean resets, long k, int j) {
        long at = (k * states + j) * parts;
        double size = resets ? 0 : Math.exp(width * a.get(at));
        out[0] = parts == 1 ? size : size * Math.cos(width * a.get(at + 1));
        out[1] = parts == 1 ? 0 : size * Math.sin(width * a.get(at + 1));
    }

    /// The state after a time at `to` from the one before at `from`.
    private void step(double[] out, int to, double[] h, int from, long n, int t, long k) {
        double[] factor = new double[2];
        double width = width(n, t, k);
        double drive = width * u.get(n, t, k);
        boolean resets = resets(n, t);
        for (int j = 0; j < states; j++) {
            decay(factor, width, resets, k, j);
            double re = h[from + j * parts];
            double im = parts == 1 ? 0 : h[from + 2 * j + 1];
            out[to + j * parts] = factor[0] * re - factor[1] * im + drive * b.get(n, t, k / perGroup, (long) j * parts);
            if (parts == 2) {
                out[to + 2 * j + 1] = factor[0] * im + factor[1] * re + drive * b.get(n, t, k / perGroup, 2 * j + 1);
            }
        }
    }

    /// `Σ c·h + d·u`
    private double read(double[] h, int at, long n, int t, long k) {
        double sum = 0;
        for (int j = 0; j < states * parts; j++) {
            sum += sign(j) * c.get(n, t, k / perGroup, j) * h[at + j];
        }
        return sum + (d == null ? 0 : d.get(k) * u.get(n, t, k));
    }

    /// Of part `j` of `c·h` in the result: `2·Re(c·h) = 2·(re·re − im·im)`.
    private double sign(int j) {
        return parts == 1 ? 1 : j % 2 == 0 ? 2 : -2;
    }

    private double gate(long n, long t, long k) {
        return z == null ? 1 : z.get(n, t, k) * sigmoid(z.get(n, t, k));
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /// What a sequence adds to the gradients of what all sequences share.
    private record Shared(double[] a, double[] d, double[] deltaBias) {}

    /// All gradients.
    void backward(SelectiveGradients out, View dy, View dLast) {
        clear(out.b());
        clear(out.c());
        int batch = Math.toIntExact(form.u().shape()[0]);
        long groups = form.groups();
        int size = Math.toIntExact(channels);
        Shared[] shared = new Shared[batch];
        for (int n = 0; n < batch; n++) {
            shared[n] = new Shared(new double[size * states * parts], new double[size], new double[size]);
        }
        Workers.current().forRange(batch * groups, 1, (from, to) -> {
            for (long i = from; i < to; i++) {
                int n = (int) (i / groups);
                for (long k = i % groups * perGroup; k < (i % groups + 1) * perGroup; k++) {
                    channel(out, Grid.of(dy), Reals.of(dLast), shared[n], n, k);
                }
            }
        });
        for (int i = 0; i < size * states * parts; i++) {
            int place = i;
            Reals.of(out.a()).put(i, sum(shared, s -> s.a[place]));
        }
        for (int k = 0; k < size; k++) {
            int place = k;
            if (out.d() != null) {
                Reals.of(out.d()).put(k, sum(shared, s -> s.d[place]));
            }
            if (out.deltaBias() != null) {
                Reals.of(out.deltaBias()).put(k, sum(shared, s -> s.deltaBias[place]));
            }
        }
    }

    private static double sum(Shared[] shared, ToDoubleFunction<Shared> part) {
        double sum = 0;
        for (Shared s : shared) {
            sum += part.applyAsDouble(s);
        }
        return sum;
    }

    private static void clear(View view) {
        view.storage()
                .segment()
                .asSlice(view.byteOffset(), view.size() * view.dtype().bytes())
                .fill((byte) 0);
    }

    private void channel(SelectiveGradients out, Grid dy, Reals dLast, Shared shared, long n, long k) {
        int size = states * parts;
        double[] h = new double[(times + 1) * size];
        System.arraycopy(first(n, k), 0, h, 0, size);
        for (int t = 0; t < times; t++) {
            step(h, (t + 1) * size, h, t * size, n, t, k);
        }
        double[] carry = new double[size];
        for (int j = 0; j < size && dLast != null; j++) {
            carry[j] = dLast.get((n * channels + k) * size + j);
        }
        for (int t = times - 1; t >= 0; t--) {
            time(out, dy, h, carry, shared, n, t, k);
        }
        for (int j = 0; j < size && out.start() != null; j++) {
            Reals.of(out.start()).put((n * channels + k) * size + j, carry[j]);
        }
    }

    /// One time, backwards; `carry` is what later times want of the state after it, and then of the one before.
    private void time(
            SelectiveGradients out, Grid dy, double[] h, double[] carry, Shared shared, long n, int t, long k) {
        int size = states * parts;
        double slope = dy.get(n, t, k);
        if (z != null) {
            double gate = z.get(n, t, k);
            double s = sigmoid(gate);
            Grid.of(out.z()).put(n, t, k, slope * read(h, (t + 1) * size, n, t, k) * s * (1 + gate * (1 - s)));
            slope *= gate * s;
        }
        double width = width(n, t, k);
        double x = u.get(n, t, k);
        boolean resets = resets(n, t);
        double dWidth = 0;
        double dDrive = 0;
        double[] factor = new double[2];
        Grid dB = Grid.of(out.b());
        Grid dC = Grid.of(out.c());
        for (int j = 0; j < states; j++) {
            double[] q = new double[2];
            for (int p = 0; p < parts; p++) {
                int i = j * parts + p;
                dC.add(n, t, k / perGroup, i, sign(i) * slope * h[(t + 1) * size + i]);
                carry[i] += sign(i) * slope * c.get(n, t, k / perGroup, i);
                dB.add(n, t, k / perGroup, i, carry[i] * width * x);
                dDrive += carry[i] * b.get(n, t, k / perGroup, i);
            }
            decay(factor, width, resets, k, j);
            int i = j * parts;
            double re = carry[i];
            double im = parts == 1 ? 0 : carry[i + 1];
            // conj(factor)·carry, and that times conj(h)
            double backRe = factor[0] * re + factor[1] * im;
            double backIm = factor[0] * im - factor[1] * re;
            double wasRe = h[t * size + i];
            double wasIm = parts == 1 ? 0 : h[t * size + i + 1];
            q[0] = backRe * wasRe + backIm * wasIm;
            q[1] = backIm * wasRe - backRe * wasIm;
            carry[i] = backRe;
            if (parts == 2) {
                carry[i + 1] = backIm;
            }
            for (int p = 0; p < parts; p++) {
                int at = Math.toIntExact(k * size + i + p);
                dWidth += q[p] * a.get(at);
                shared.a[at] += q[p] * width;
            }
        }
        Grid.of(out.u()).put(n, t, k, dDrive * width + (d == null ? 0 : d.get(k) * slope));
        double dRaw = (dWidth + dDrive * x) * (form.softplus() ? sigmoid(raw(n, t, k)) : 1);
        Grid.of(out.delta()).put(n, t, k, dRaw);
        shared.d[(int) k] += slope * x;
        shared.deltaBias[(int) k] += dRaw;
    }
}
