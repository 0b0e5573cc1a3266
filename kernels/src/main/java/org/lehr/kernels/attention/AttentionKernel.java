package org.lehr.kernels.attention;

import java.util.Arrays;
import org.lehr.kernels.AttentionKernels.Mask;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

/// Softmax attention from its equations, in plain loops with double accumulators: the path of float64, of machines
/// without vectors, and the judge of the blocked one.
///
/// Forward, for each query `i` and the keys `j` that it sees, with `S = scale·Q·Kᵀ + bias`,
/// or with a soft cap `c` `S = c·tanh(scale·Q·Kᵀ/c) + bias`:
///
/// ```text
/// L_i = log Σ_j exp(S_ij)        P_ij = exp(S_ij − L_i)        O_i = Σ_j P_ij V_j
/// ```
///
/// Backward, from `dO`, with `D_i = Σ_j P_ij dP_ij = dO_i·O_i`:
///
/// ```text
/// dV_j = Σ_i P_ij dO_i           dP_ij = dO_i·V_j              dS_ij = P_ij (dP_ij − D_i)
/// dQ_i = scale Σ_j dS_ij K_j     dK_j = scale Σ_i dS_ij Q_i    dbias = dS
/// ```
///
/// where a soft cap puts `dS·(1 − tanh²)` into the last line's first two.
///
/// Vaswani et al. 2017, "Attention is all you need"; the backward form is that of Dao et al. 2022, "FlashAttention".
/// A key head's query heads add to its gradients in their order.
final class AttentionKernel {

    private AttentionKernel() {}

    /// See [org.lehr.kernels.AttentionKernels#forward]. One piece of work is one query head.
    static void reference(Call call) {
        Sizes z = call.sizes();
        Workers.current().forRange(z.b() * z.h(), 1, (from, to) -> {
            for (long unit = from; unit < to; unit++) {
                new Head(call, unit / z.h(), unit % z.h()).forward();
            }
        });
    }

    /// See [org.lehr.kernels.AttentionKernels#backward]. One piece of work is one key head with its query heads.
    static void referenceBackward(Call call, Gradients gradients) {
        Sizes z = call.sizes();
        Workers.current().forRange(z.b() * z.g(), 1, (from, to) -> {
            for (long unit = from; unit < to; unit++) {
                long b = unit / z.g();
                long g = unit % z.g();
                double[] dk = new double[z.s() * z.d()];
                double[] dv = new double[z.s() * z.e()];
                for (long h = g * z.group(); h < (g + 1) * z.group(); h++) {
                    new Head(call, b, h).backward(gradients, dk, dv);
                }
                Rows.storeMatrix(gradients.dk(), b, g, dk);
                Rows.storeMatrix(gradients.dv(), b, g, dv);
            }
        });
    }

    /// One query head with the key head that serves it.
    private static final class Head {
        private final Call call;
        private final Sizes z;
        private final long b;
        private final long h;
        private final double[] q;
        private final double[] k;
        private final double[] v;

        Head(Call call, long b, long h) {
            this.call = call;
            this.z = call.sizes();
            this.b = b;
            this.h = h;
            q = Rows.matrix(call.q(), b, h);
            k = Rows.matrix(call.k(), b, h / z.group());
            v = Rows.matrix(call.v(), b, h / z.group());
        }

        void forward() {
            double[] out = new double[z.t() * z.e()];
            double[] norm = new double[z.t()];
            double[] p = new double[z.s()];
            double[] slopes = new double[z.s()];
            for (int i = 0; i < z.t(); i++) {
                scores(p, slopes, i);
                norm[i] = logSumExp(p);
                for (int j = 0; j < z.s(); j++) {
                    if (p[j] != Double.NEGATIVE_INFINITY) {
                        double weight = Math.exp(p[j] - norm[i]);
                        addScaled(out, i * z.e(), weight, v, j * z.e(), z.e());
                    }
                }
            }
            Rows.storeMatrix(call.out(), b, h, out);
            View to = call.logSumExp();
            for (int i = 0; i < z.t(); i++) {
                Rows.set(to, Rows.start(to, b, h) + i * to.strides()[2], norm[i]);
            }
        }

        void backward(Gradients gradients, double[] dk, double[] dv) {
            double[] out = Rows.matrix(call.out(), b, h);
            double[] dOut = Rows.matrix(gradients.dOut(), b, h);
            double[] dq = new double[z.t() * z.d()];
            double[] p = new double[z.s()];
            double[] slopes = new double[z.s()];
            for (int i = 0; i < z.t(); i++) {
                scores(p, slopes, i);
                double norm = Rows.get(
                        call.logSumExp(),
                        Rows.start(call.logSumExp(), b, h)
                                + i * call.logSumExp().strides()[2]);
                double mean = dot(dOut, i * z.e(), out, i * z.e(), z.e());
                for (int j = 0; j < z.s(); j++) {
                    if (p[j] == Double.NEGATIVE_INFINITY) {
                        p[j] = 0;
                        continue;
                    }
                    double weight = Math.exp(p[j] - norm);
                    double ds = weight * (dot(dOut, i * z.e(), v, j * z.e(), z.e()) - mean);
                    addScaled(dv, j * z.e(), weight, dOut, i * z.e(), z.e());
                    addScaled(dq, i * z.d(), slopes[j] * ds, k, j * z.d(), z.d());
                    addScaled(dk, j * z.d(), slopes[j] * ds, q, i * z.d(), z.d());
                    p[j] = ds;
                }
                storeBiasGradient(gradients.dBias(), i, p);
            }
            Rows.storeMatrix(gradients.dq(), b, h, dq);
        }

        private void storeBiasGradient(View dBias, int i, double[] ds) {
            if (dBias != null) {
                long row = Rows.start(dBias, b, h) + i * dBias.strides()[2];
                for (int j = 0; j < z.s(); j++) {
                    Rows.set(dBias, row + j, ds[j]);
                }
            }
        }

        /// The scores of query `i`, −∞ for the keys that it does not see, and how fast each grows with its dot
        /// product.
        private void scores(double[] p, double[] slopes, int i) {
            Mask mask = call.mask();
            View bias = mask.bias();
            Arrays.fill(p, Double.NEGATIVE_INFINITY);
            for (int j = (int) call.reach().first(i); j < call.reach().end(i); j++) {
                if (mask.keyPadding() == null || !Rows.isHidden(mask.keyPadding(), b, j)) {
                    p[j] = mask.scale() * dot(q, i * z.d(), k, j * z.d(), z.d());
                    slopes[j] = mask.scale();
                    if (mask.softCap() > 0) {
                        double share = Math.tanh(p[j] / mask.softCap());
                        p[j] = mask.softCap() * share;
                        slopes[j] *= 1 - share * share;
                    }
                    if (bias != null) {
                        p[j] += Rows.get(bias, Rows.start(bias, b, h) + i * bias.strides()[2] + j * bias.strides()[3]);
                    }
                }
            }
        }
    }

    private static double logSumExp(double[] p) {
        double max = Double.NEGATIVE_INFINITY;
        for (double x : p) {
            max = Math.max(max, x);
        }
        if (max == Double.NEGATIVE_INFINITY) {
            return max;
        }
        double sum = 0;
        for (double x : p) {
            sum += Math.exp(x - max);
        }
        return max + Math.log(sum);
    }

    private static double dot(double[] a, int aFrom, double[] b, int bFrom, int length) {
        double sum = 0;
        for (int c = 0; c < length; c++) {
            sum += a[aFrom + c] * b[bFrom + c];
        }
        return sum;
    }

    private static void addScaled(double[] to, int toFrom, double factor, double[] x, int xFrom, int length) {
        for (int c = 0; c < length; c++) {
            to[toFrom + c] += factor * x[xFrom + c];
        }
    }
}
