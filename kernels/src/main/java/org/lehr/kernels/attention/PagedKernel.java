package org.lehr.kernels.attention;

import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

/// [AttentionKernel] for one query whose keys and values stand in pages: the path of float64 and of machines without
/// vectors, and the judge of [PagedAttention].
final class PagedKernel {

    private PagedKernel() {}

    /// See [org.lehr.kernels.AttentionKernels#forwardPages]. One piece of work is one query head.
    static void reference(PagedCall call) {
        Sizes z = call.sizes();
        Workers.current().forRange(z.b() * z.h(), 1, (from, to) -> {
            for (long unit = from; unit < to; unit++) {
                head(call, unit / z.h(), unit % z.h());
            }
        });
    }

    private static void head(PagedCall call, long b, long h) {
        Sizes z = call.sizes();
        long g = h / z.group();
        double[] weights = scores(call, b, h);
        double sum = exp(weights);
        double[] out = new double[z.e()];
        int place = 0;
        for (View values : call.values()) {
            for (int j = 0; j < values.shape()[2]; j++) {
                double weight = weights[place++];
                if (weight > 0) {
                    long row = Rows.start(values, b, g) + j * values.strides()[2];
                    for (int c = 0; c < z.e(); c++) {
                        out[c] += weight / sum * Rows.get(values, row + c);
                    }
                }
            }
        }
        long to = Rows.start(call.out(), b, h);
        for (int c = 0; c < z.e(); c++) {
            Rows.set(call.out(), to + c, out[c]);
        }
    }

    /// The scores, −∞ before the window.
    private static double[] scores(PagedCall call, long b, long h) {
        Sizes z = call.sizes();
        double cap = call.mask().softCap();
        View bias = call.mask().bias();
        double[] scores = new double[z.s()];
        int place = 0;
        for (View keys : call.keys()) {
            for (int j = 0; j < keys.shape()[2]; j++, place++) {
                if (place < call.first()) {
                    scores[place] = Double.NEGATIVE_INFINITY;
                    continue;
                }
                double score = call.mask().scale() * dot(call.q(), keys, b, h, h / z.group(), j);
                score = cap > 0 ? cap * Math.tanh(score / cap) : score;
                scores[place] = bias == null
                        ? score
                        : score + Rows.get(bias, Rows.start(bias, b, h) + place * bias.strides()[3]);
            }
        }
        return scores;
    }

    private static double dot(View q, View keys, long b, long h, long g, int j) {
        long query = Rows.start(q, b, h);
        long key = Rows.start(keys, b, g) + j * keys.strides()[2];
        double sum = 0;
        for (int c = 0; c < q.shape()[3]; c++) {
            sum += Rows.get(q, query + c) * Rows.get(keys, key + c);
        }
        return sum;
    }

    /// `x ← exp(x − max)`, and the sum of that; zeros where all is −∞.
    private static double exp(double[] x) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : x) {
            max = Math.max(max, value);
        }
        double sum = 0;
        for (int j = 0; j < x.length; j++) {
            x[j] = max == Double.NEGATIVE_INFINITY ? 0 : Math.exp(x[j] - max);
            sum += x[j];
        }
        return sum;
    }
}
