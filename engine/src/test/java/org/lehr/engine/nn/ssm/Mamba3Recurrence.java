package org.lehr.engine.nn.ssm;

import java.util.Arrays;
import java.util.Map;
import org.lehr.engine.tensor.Tensor;

/// [Mamba3] for one sequence written out in double from its equations, time by time.
final class Mamba3Recurrence {

    private final Mamba3.Form form;
    private final Map<String, Tensor> values;
    private final int heads;
    private final int p;
    private final int n;
    private final int rank;
    private final double[][][] state;
    private final double[][] angles;
    private double[][][] formerKeys;
    private double[][][] formerValues;

    Mamba3Recurrence(Mamba3.Form form, Map<String, Tensor> values) {
        this.form = form;
        this.values = values;
        heads = (int) form.heads();
        p = (int) form.headWidth();
        n = (int) form.states();
        rank = form.choices().rank();
        state = new double[heads][p][n];
        angles = new double[heads][(int) form.angles()];
        formerKeys = new double[heads][rank][n];
        formerValues = new double[heads][rank][p];
    }

    private double[] value(String name) {
        return values.get(name).toDoubleArray();
    }

    /// Of `mimo_x`, `mimo_z` or `mimo_o`.
    private double factor(String name, int head, int r, int i) {
        return rank == 1 ? 1 : value(name)[(head * rank + r) * p + i];
    }

    double[] apply(double[] x) {
        int width = (int) form.width();
        double[] y = new double[x.length];
        for (int t = 0; t < x.length / width; t++) {
            double[] out = time(times(value("in_proj.weight"), Arrays.copyOfRange(x, t * width, (t + 1) * width)));
            System.arraycopy(times(value("out_proj.weight"), out), 0, y, t * width, width);
        }
        return y;
    }

    private static double[] times(double[] matrix, double[] x) {
        double[] y = new double[matrix.length / x.length];
        for (int i = 0; i < matrix.length; i++) {
            y[i / x.length] += matrix[i] * x[i % x.length];
        }
        return y;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private double[] time(double... in) {
        int channels = heads * p;
        int shared = rank * (int) form.groups() * n;
        int rest = 2 * channels + 2 * shared;
        double[] out = new double[channels];
        double[][][] keys = new double[heads][][];
        double[][][] vs = new double[heads][rank][p];
        for (int h = 0; h < heads; h++) {
            double step = Math.log1p(Math.exp(in[rest + h] + value("dt_bias")[h]));
            double raw = in[rest + heads + h];
            double rate =
                    -Math.max(raw >= 0 ? 1 + raw : 1 / (1 - raw), form.choices().leastRate());
            double right = sigmoid(in[rest + 2 * heads + h]);
            for (int s = 0; s < angles[h].length; s++) {
                angles[h][s] = (angles[h][s] + Math.PI * Math.tanh(in[rest + 3 * heads + s]) * step) % (2 * Math.PI);
            }
            keys[h] = vectors(in, 2 * channels, "B", h);
            double[][] queries = vectors(in, 2 * channels + shared, "C", h);
            for (int r = 0; r < rank; r++) {
                for (int i = 0; i < p; i++) {
                    vs[h][r][i] = in[channels + h * p + i] * factor("mimo_x", h, r, i);
                }
            }
            double decay = Math.exp(rate * step);
            for (int i = 0; i < p; i++) {
                for (int j = 0; j < n; j++) {
                    double before = 0;
                    double now = 0;
                    for (int r = 0; r < rank; r++) {
                        before += formerValues[h][r][i] * formerKeys[h][r][j];
                        now += vs[h][r][i] * keys[h][r][j];
                    }
                    state[h][i][j] = decay * state[h][i][j] + (1 - right) * step * decay * before + right * step * now;
                }
            }
            for (int r = 0; r < rank; r++) {
                read(out, in, h, r, queries[r], vs[h][r]);
            }
        }
        formerKeys = keys;
        formerValues = vs;
        return out;
    }

    private void read(double[] out, double[] in, int h, int r, double[] query, double[] v) {
        double[] y = new double[p];
        double squares = 0;
        for (int i = 0; i < p; i++) {
            y[i] = value("D")[h] * v[i];
            for (int j = 0; j < n; j++) {
                y[i] += state[h][i][j] * query[j];
            }
            squares += y[i] * y[i];
        }
        for (int i = 0; i < p; i++) {
            double z = in[h * p + i] * factor("mimo_z", h, r, i);
            double normed = form.choices().normed()
                    ? y[i] / Math.sqrt(squares / p + 1e-5) * value("norm.weight")[h * p + i]
                    : y[i];
            out[h * p + i] += normed * z * sigmoid(z) * factor("mimo_o", h, r, i);
        }
    }

    /// Normed, biased and turned.
    private double[][] vectors(double[] in, int first, String name, int h) {
        int groups = (int) form.groups();
        double[][] all = new double[rank][n];
        for (int r = 0; r < rank; r++) {
            int from = first + (r * groups + h / (heads / groups)) * n;
            double squares = 0;
            for (int j = 0; j < n; j++) {
                squares += in[from + j] * in[from + j];
            }
            for (int j = 0; j < n; j++) {
                all[r][j] = in[from + j] / Math.sqrt(squares / n + 1e-5) * value(name + "_norm.weight")[j]
                        + value(name + "_bias")[(h * rank + r) * n + j];
            }
            for (int s = 0; s < angles[h].length; s++) {
                int one = rank == 1 ? 2 * s : s;
                int two = rank == 1 ? 2 * s + 1 : s + n / 2;
                double a = all[r][one];
                double b = all[r][two];
                all[r][one] = a * Math.cos(angles[h][s]) - b * Math.sin(angles[h][s]);
                all[r][two] = a * Math.sin(angles[h][s]) + b * Math.cos(angles[h][s]);
            }
        }
        return all;
    }
}
