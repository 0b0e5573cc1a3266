package org.lehr.kernels.convolution;

import org.lehr.kernels.ConvolutionKernels.Causal;
import org.lehr.kernels.ConvolutionKernels.CausalGradients;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Reals;

/// The definition of the causal convolution along time and of its gradients, in double, channel by channel.
///
/// `z[n, t] = bias + Σ_j weight[j]·s[n, t + j]`, `s` being the state followed by `x`; `y = z` or `z·σ(z)`.
final class CausalReference {

    private final Reals x;
    private final Reals weight;
    private final Reals bias;
    private final Reals state;
    private final boolean silu;
    private final int batch;
    private final int times;
    private final int channels;
    private final int width;

    CausalReference(View x, Causal form) {
        this.x = Reals.of(x);
        this.weight = Reals.of(form.weight());
        this.bias = Reals.of(form.bias());
        this.state = Reals.of(form.state());
        this.silu = form.silu();
        this.batch = Math.toIntExact(x.shape()[0]);
        this.times = Math.toIntExact(x.shape()[1]);
        this.channels = Math.toIntExact(x.shape()[2]);
        this.width = Math.toIntExact(form.width());
    }

    /// Channels `[from, to)` of the result.
    void forward(Reals y, long from, long to) {
        for (long c = from; c < to; c++) {
            for (long n = 0; n < batch; n++) {
                for (long t = 0; t < times; t++) {
                    double z = before(n, t, c);
                    y.put(place(n, t, c), silu ? z * sigmoid(z) : z);
                }
            }
        }
    }

    /// Channels `[from, to)` of all gradients.
    void backward(CausalGradients out, Reals dy, long from, long to) {
        for (long c = from; c < to; c++) {
            double[] dWeight = new double[width];
            double dBias = 0;
            for (long n = 0; n < batch; n++) {
                double[] sums = new double[width - 1 + times];
                for (int t = 0; t < times; t++) {
                    double slope = dy.get(place(n, t, c)) * (silu ? slope(before(n, t, c)) : 1);
                    dBias += slope;
                    for (int j = 0; j < width; j++) {
                        dWeight[j] += slope * seen(n, t + j, c);
                        sums[t + j] += slope * weight.get(c * width + j);
                    }
                }
                for (int s = 0; s < width - 1 && out.dState() != null; s++) {
                    Reals.of(out.dState()).put((n * (width - 1) + s) * channels + c, sums[s]);
                }
                for (int t = 0; t < times; t++) {
                    Reals.of(out.dx()).put(place(n, t, c), sums[width - 1 + t]);
                }
            }
            for (int j = 0; j < width; j++) {
                Reals.of(out.dWeight()).put(c * width + j, dWeight[j]);
            }
            if (out.dBias() != null) {
                Reals.of(out.dBias()).put(c, dBias);
            }
        }
    }

    private double before(long n, long t, long c) {
        double sum = bias == null ? 0 : bias.get(c);
        for (int j = 0; j < width; j++) {
            sum += weight.get(c * width + j) * seen(n, t + j, c);
        }
        return sum;
    }

    /// Element `s` of the state followed by `x`.
    private double seen(long n, long s, long c) {
        if (s >= width - 1) {
            return x.get(place(n, s - (width - 1), c));
        }
        return state == null ? 0 : state.get((n * (width - 1) + s) * channels + c);
    }

    private long place(long n, long t, long c) {
        return (n * times + t) * channels + c;
    }

    private static double sigmoid(double z) {
        return 1 / (1 + Math.exp(-z));
    }

    private static double slope(double z) {
        double s = sigmoid(z);
        return s * (1 + z * (1 - s));
    }
}
