package org.lehr.engine.optim;

import java.util.Arrays;
import org.lehr.engine.optim.Recursions.Step;

/// The updates of optimizers that look at a whole parameter, as the papers write them, in loops over numbers.
final class WholeRecursions {

    private WholeRecursions() {}

    private static double norm(double... x) {
        return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
    }

    private static double rms(double... x) {
        return norm(x) / Math.sqrt(x.length);
    }

    static Step adafactor(boolean relative) {
        double[][] s = new double[4][];
        return (p, g, shape, t, r) -> {
            int n = p.length;
            int rows = shape.length == 2 ? shape[0] : 0;
            int columns = shape.length == 2 ? shape[1] : 0;
            if (t == 1) {
                s[0] = new double[rows];
                s[1] = new double[columns];
                s[2] = new double[n];
                s[3] = new double[n];
            }
            double b2 = 1 - Math.pow(t, -0.8);
            double[] u = new double[n];
            if (rows == 0) {
                for (int i = 0; i < n; i++) {
                    s[2][i] = b2 * s[2][i] + (1 - b2) * (g[i] * g[i] + 1e-30);
                    u[i] = g[i] / Math.sqrt(s[2][i]);
                }
            } else {
                double[] row = new double[rows];
                double[] column = new double[columns];
                for (int i = 0; i < n; i++) {
                    row[i / columns] += (g[i] * g[i] + 1e-30) / columns;
                    column[i % columns] += (g[i] * g[i] + 1e-30) / rows;
                }
                double mean = 0;
                for (int i = 0; i < rows; i++) {
                    s[0][i] = b2 * s[0][i] + (1 - b2) * row[i];
                    mean += s[0][i] / rows;
                }
                for (int i = 0; i < columns; i++) {
                    s[1][i] = b2 * s[1][i] + (1 - b2) * column[i];
                }
                for (int i = 0; i < n; i++) {
                    u[i] = g[i] / Math.sqrt(s[0][i / columns] * s[1][i % columns] / mean);
                }
            }
            double clip = Math.max(1, rms(u));
            double rate =
                    r.factor() * (relative ? Math.max(1e-3, rms(p)) * Math.min(r.base(), 1 / Math.sqrt(t)) : r.base());
            for (int i = 0; i < n; i++) {
                double step = rate * u[i] / clip;
                if (!relative) {
                    s[3][i] = 0.9 * s[3][i] + 0.1 * step;
                    step = s[3][i];
                }
                p[i] -= rate * r.decay() * p[i] + step;
            }
        };
    }

    static Step fAdam() {
        double[][] s = new double[2][];
        return (p, g, _, t, r) -> {
            int n = p.length;
            if (t == 1) {
                s[0] = new double[n];
                s[1] = new double[n];
            }
            double b2 = 0.999 * (1 - Math.pow(0.999, t - 1)) / (1 - Math.pow(0.999, t));
            double epsilon = Math.min(1e-8, 0.01 * rms(g));
            double[] natural = new double[n];
            double[] pull = new double[n];
            for (int i = 0; i < n; i++) {
                s[0][i] = b2 * s[0][i] + (1 - b2) * g[i] * g[i];
                natural[i] = g[i] / (Math.sqrt(s[0][i]) + epsilon);
                pull[i] = p[i] / (Math.sqrt(s[0][i]) + epsilon);
            }
            double limit = Math.max(1, rms(natural));
            double pullLimit = Math.max(1, rms(pull));
            for (int i = 0; i < n; i++) {
                s[1][i] = 0.9 * s[1][i] + 0.1 * natural[i] / limit;
                p[i] -= r.rate() * (s[1][i] + r.decay() * pull[i] / pullLimit);
            }
        };
    }

    static Step lamb() {
        double[][] s = new double[2][];
        return (p, g, _, t, r) -> {
            int n = p.length;
            if (t == 1) {
                s[0] = new double[n];
                s[1] = new double[n];
            }
            double[] u = new double[n];
            for (int i = 0; i < n; i++) {
                s[0][i] = 0.9 * s[0][i] + 0.1 * g[i];
                s[1][i] = 0.999 * s[1][i] + 0.001 * g[i] * g[i];
                u[i] = Recursions.corrected(s[0][i], 0.9, t)
                                / (Math.sqrt(Recursions.corrected(s[1][i], 0.999, t)) + 1e-6)
                        + r.decay() * p[i];
            }
            double trust = norm(p) / norm(u);
            for (int i = 0; i < n; i++) {
                p[i] -= r.rate() * trust * u[i];
            }
        };
    }

    static Step lars() {
        double[][] s = new double[1][];
        return (p, g, shape, t, r) -> {
            if (t == 1) {
                s[0] = new double[p.length];
            }
            double local = shape.length > 1 ? 1e-3 * norm(p) / (norm(g) + r.decay() * norm(p)) : 1;
            for (int i = 0; i < p.length; i++) {
                s[0][i] = 0.9 * s[0][i] + r.rate() * local * (g[i] + r.decay() * p[i]);
                p[i] -= s[0][i];
            }
        };
    }

    static Step novoGrad() {
        double[][] s = new double[2][];
        return (p, g, _, t, r) -> {
            double square = norm(g) * norm(g);
            if (t == 1) {
                s[0] = new double[] {square};
                s[1] = new double[p.length];
            } else {
                s[0][0] = 0.98 * s[0][0] + 0.02 * square;
            }
            for (int i = 0; i < p.length; i++) {
                s[1][i] = 0.95 * s[1][i] + g[i] / (Math.sqrt(s[0][0]) + 1e-8) + r.decay() * p[i];
                p[i] -= r.rate() * s[1][i];
            }
        };
    }

    static Step sm3() {
        double[][] s = new double[3][];
        return (p, g, shape, t, r) -> {
            int columns = shape.length == 2 ? shape[1] : 1;
            int rows = p.length / columns;
            if (t == 1) {
                s[0] = new double[rows];
                s[1] = new double[columns];
                s[2] = new double[p.length];
            }
            double[] row = new double[rows];
            double[] column = new double[columns];
            for (int i = 0; i < p.length; i++) {
                double cover = shape.length == 2 ? Math.min(s[0][i / columns], s[1][i % columns]) : s[0][i];
                double nu = cover + g[i] * g[i];
                row[i / columns] = Math.max(row[i / columns], nu);
                column[i % columns] = Math.max(column[i % columns], nu);
                s[2][i] = 0.9 * s[2][i] + 0.1 * g[i] / Math.sqrt(nu);
                p[i] -= r.rate() * s[2][i];
            }
            s[0] = row;
            s[1] = column;
        };
    }

    static Step prodigy() {
        double[][] s = new double[4][];
        double[] numbers = {0.01, 0};
        return (p, g, _, t, r) -> {
            int n = p.length;
            if (t == 1) {
                for (int k = 0; k < 3; k++) {
                    s[k] = new double[n];
                }
                s[3] = p.clone();
            }
            double d = numbers[0];
            double b = Math.sqrt(0.999);
            double along = 0;
            double length = 0;
            for (int i = 0; i < n; i++) {
                along += g[i] * (s[3][i] - p[i]);
                s[0][i] = 0.9 * s[0][i] + 0.1 * d * g[i];
                s[1][i] = 0.999 * s[1][i] + 0.001 * d * d * g[i] * g[i];
                s[2][i] = b * s[2][i] + (1 - b) * r.base() * d * d * g[i];
                length += Math.abs(s[2][i]);
                p[i] -= r.rate() * d * r.decay() * p[i] + r.rate() * d * s[0][i] / (Math.sqrt(s[1][i]) + d * 1e-8);
            }
            numbers[1] = b * numbers[1] + (1 - b) * r.base() * d * d * along;
            numbers[0] = Math.max(d, numbers[1] / length);
        };
    }

    static Step dAdaptAdam() {
        double[][] s = new double[3][];
        double[] numbers = {0.01, 0};
        return (p, g, _, t, r) -> {
            int n = p.length;
            if (t == 1) {
                for (int k = 0; k < 3; k++) {
                    s[k] = new double[n];
                }
            }
            double d = numbers[0];
            double b = Math.sqrt(0.999);
            double along = 0;
            double length = 0;
            for (int i = 0; i < n; i++) {
                s[0][i] = 0.9 * s[0][i] + 0.1 * d * r.base() * g[i];
                s[1][i] = 0.999 * s[1][i] + 0.001 * g[i] * g[i];
                double root = Math.sqrt(s[1][i]) + 1e-8;
                along += g[i] * s[2][i] / root;
                s[2][i] = b * s[2][i] + (1 - b) * d * r.base() * g[i];
                length += Math.abs(s[2][i]);
                p[i] -= r.rate() * d * r.decay() * p[i] + r.factor() * s[0][i] / root;
            }
            numbers[1] = b * numbers[1] + (1 - b) * d * r.base() * along;
            numbers[0] = Math.max(d, numbers[1] / ((1 - b) * length));
        };
    }

    static Step dAdaptSgd() {
        double[][] s = new double[2][];
        double[] numbers = {0.01, 0, 0};
        return (p, plain, _, t, r) -> {
            double[] g = new double[p.length];
            for (int i = 0; i < g.length; i++) {
                g[i] = plain[i] + r.decay() * p[i];
            }
            if (t == 1) {
                s[0] = new double[p.length];
                s[1] = p.clone();
                numbers[2] = norm(g);
            }
            double rate = r.base() * numbers[0] / numbers[2];
            for (int i = 0; i < p.length; i++) {
                numbers[1] += rate * g[i] * s[0][i];
                s[0][i] += rate * g[i];
                s[1][i] -= r.factor() * rate * g[i];
                p[i] = 0.9 * p[i] + 0.1 * s[1][i];
            }
            numbers[0] = Math.max(numbers[0], 2 * numbers[1] / norm(s[0]));
        };
    }

    static Step upgd() {
        double[][] s = new double[1][];
        return (p, g, _, t, r) -> {
            if (t == 1) {
                s[0] = new double[p.length];
            }
            double most = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < p.length; i++) {
                s[0][i] = 0.999 * s[0][i] - 0.001 * g[i] * p[i];
                most = Math.max(most, s[0][i]);
            }
            for (int i = 0; i < p.length; i++) {
                double utility = most > 0 ? 1 / (1 + Math.exp(-s[0][i] / most)) : 0.5;
                p[i] = p[i] * (1 - r.rate() * r.decay()) - r.rate() * g[i] * (1 - utility);
            }
        };
    }

    static Step muon() {
        double[][] s = new double[2][];
        return (p, g, shape, t, r) -> {
            int n = p.length;
            if (t == 1) {
                s[0] = new double[n];
                s[1] = new double[n];
            }
            double[] u = new double[n];
            if (shape.length == 1) {
                for (int i = 0; i < n; i++) {
                    s[0][i] = 0.9 * s[0][i] + 0.1 * g[i];
                    s[1][i] = 0.95 * s[1][i] + 0.05 * g[i] * g[i];
                    u[i] = 0.1
                            * Recursions.corrected(s[0][i], 0.9, t)
                            / (Math.sqrt(Recursions.corrected(s[1][i], 0.95, t)) + 1e-8);
                }
            } else {
                for (int i = 0; i < n; i++) {
                    s[0][i] = 0.95 * s[0][i] + 0.05 * g[i];
                    u[i] = 0.95 * s[0][i] + 0.05 * g[i];
                }
                double length = norm(u) + 1e-7;
                double[] x = Arrays.stream(u).map(v -> v / length).toArray();
                int rows = shape[0];
                for (int k = 0; k < 5; k++) {
                    double[] a = outer(x, rows);
                    double[] aa = product(a, a, rows, rows);
                    double[] b = new double[a.length];
                    for (int i = 0; i < a.length; i++) {
                        b[i] = -4.7750 * a[i] + 2.0315 * aa[i];
                    }
                    double[] bx = product(b, x, rows, rows);
                    for (int i = 0; i < n; i++) {
                        x[i] = 3.4445 * x[i] + bx[i];
                    }
                }
                u = x;
            }
            for (int i = 0; i < n; i++) {
                p[i] -= r.rate() * (u[i] + r.decay() * p[i]);
            }
        };
    }

    /// `x·xᵀ`.
    private static double[] outer(double[] x, int rows) {
        int columns = x.length / rows;
        double[] square = new double[rows * rows];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < rows; j++) {
                for (int k = 0; k < columns; k++) {
                    square[i * rows + j] += x[i * columns + k] * x[j * columns + k];
                }
            }
        }
        return square;
    }

    private static double[] product(double[] a, double[] b, int rows, int inner) {
        int columns = b.length / inner;
        double[] out = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                for (int k = 0; k < inner; k++) {
                    out[i * columns + j] += a[i * inner + k] * b[k * columns + j];
                }
            }
        }
        return out;
    }
}
