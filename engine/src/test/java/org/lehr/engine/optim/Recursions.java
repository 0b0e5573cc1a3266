package org.lehr.engine.optim;

import java.util.Arrays;

/// The updates of optimizers as the papers write them, in loops over numbers.
final class Recursions {

    private Recursions() {}

    /// What a step is told besides the gradient.
    ///
    /// @param base the rate of the schedule
    /// @param factor of the group
    /// @param decay with the factor of the group
    record Rates(double base, double factor, double decay) {
        double rate() {
            return base * factor;
        }
    }

    /// One step: `p` is changed in place, `t` counts from 1.
    interface Step {
        void next(double[] p, double[] g, int[] shape, int t, Rates r);
    }

    /// One step of one number with up to four numbers of state, which returns the new value.
    private interface Single {
        double next(double p, double g, double[] s, int t, Rates r);
    }

    private static Step each(Single single) {
        return each(single, 0);
    }

    /// @param first of the first number of state
    private static Step each(Single single, double first) {
        double[][][] state = new double[1][][];
        return (p, g, _, t, r) -> {
            if (state[0] == null) {
                state[0] = new double[p.length][4];
                for (double[] one : state[0]) {
                    one[0] = first;
                }
            }
            for (int i = 0; i < p.length; i++) {
                p[i] = single.next(p[i], g[i], state[0][i], t, r);
            }
        };
    }

    private static double corrected(double x, double beta, int t) {
        return x / (1 - Math.pow(beta, t));
    }

    static Step adaBelief() {
        return each((p, g, s, t, r) -> {
            s[0] = 0.9 * s[0] + 0.1 * g;
            s[1] = 0.999 * s[1] + 0.001 * (g - s[0]) * (g - s[0]) + 1e-16;
            double u = corrected(s[0], 0.9, t) / (Math.sqrt(corrected(s[1], 0.999, t)) + 1e-16);
            return p - r.rate() * r.decay * p - r.rate() * u;
        });
    }

    static Step adaBound(boolean maximal) {
        return each((p, gradient, s, t, r) -> {
            double g = gradient + r.decay * p;
            s[0] = 0.9 * s[0] + 0.1 * g;
            s[1] = 0.999 * s[1] + 0.001 * g * g;
            s[2] = maximal ? Math.max(s[1], s[2]) : s[1];
            double last = 0.05 * r.base / 0.1;
            double low = last * (1 - 1 / (0.1 * t + 1));
            double high = last * (1 + 1 / (0.1 * t));
            double eta = r.base * Math.sqrt(1 - Math.pow(0.999, t)) / (1 - Math.pow(0.9, t)) / (Math.sqrt(s[2]) + 1e-8);
            return p - r.factor * Math.min(high, Math.max(low, eta)) * s[0];
        });
    }

    static Step adadelta() {
        return each((p, gradient, s, _, r) -> {
            double g = gradient + r.decay * p;
            s[0] = 0.9 * s[0] + 0.1 * g * g;
            double u = Math.sqrt(s[1] + 1e-6) / Math.sqrt(s[0] + 1e-6) * g;
            s[1] = 0.9 * s[1] + 0.1 * u * u;
            return p - r.rate() * u;
        });
    }

    static Step adagrad() {
        return each(
                (p, gradient, s, t, r) -> {
                    double g = gradient + r.decay * p;
                    s[0] += g * g;
                    return p - r.rate() / (1 + (t - 1) * 0.1) * g / (Math.sqrt(s[0]) + 1e-10);
                },
                0.2);
    }

    static Step adamax() {
        return each((p, g, s, t, r) -> {
            s[0] = 0.9 * s[0] + 0.1 * g;
            s[1] = Math.max(0.999 * s[1], Math.abs(g) + 1e-8);
            return p - r.rate() * r.decay * p - r.rate() * corrected(s[0], 0.9, t) / s[1];
        });
    }

    static Step adaMod(double beta3) {
        return each((p, g, s, t, r) -> {
            s[0] = 0.9 * s[0] + 0.1 * g;
            s[1] = 0.999 * s[1] + 0.001 * g * g;
            double eta = r.rate() / (Math.sqrt(corrected(s[1], 0.999, t)) + 1e-8);
            s[2] = beta3 * s[2] + (1 - beta3) * eta;
            return p - r.rate() * r.decay * p - Math.min(eta, s[2]) * corrected(s[0], 0.9, t);
        });
    }

    static Step adan() {
        return each((p, g, s, t, r) -> {
            double change = t == 1 ? 0 : g - s[3];
            s[0] = 0.98 * s[0] + 0.02 * g;
            s[1] = 0.92 * s[1] + 0.08 * change;
            double ahead = g + 0.92 * change;
            s[2] = 0.99 * s[2] + 0.01 * ahead * ahead;
            s[3] = g;
            double u = (corrected(s[0], 0.98, t) + 0.92 * corrected(s[1], 0.92, t))
                    / (Math.sqrt(corrected(s[2], 0.99, t)) + 1e-8);
            return (p - r.rate() * u) / (1 + r.rate() * r.decay);
        });
    }

    static Step adEMAMix() {
        return each((p, g, s, t, r) -> {
            s[0] = 0.9 * s[0] + 0.1 * g;
            s[1] = 0.99 * s[1] + 0.01 * g;
            s[2] = 0.999 * s[2] + 0.001 * g * g;
            double u = (corrected(s[0], 0.9, t) + 5 * s[1]) / (Math.sqrt(corrected(s[2], 0.999, t)) + 1e-8);
            return p - r.rate() * (u + r.decay * p);
        });
    }

    static Step adopt() {
        return each((p, g, s, t, r) -> {
            double shrunk = p * (1 - r.rate() * r.decay);
            if (t == 1) {
                s[1] = g * g;
                return shrunk;
            }
            double limit = Math.pow(t - 1, 0.25);
            double u = g / Math.max(Math.sqrt(s[1]), 1e-6);
            s[0] = 0.9 * s[0] + 0.1 * Math.max(-limit, Math.min(limit, u));
            s[1] = 0.9 * s[1] + 0.1 * g * g;
            return shrunk - r.rate() * s[0];
        });
    }

    static Step lion() {
        return each((p, g, s, _, r) -> {
            double u = Math.signum(0.9 * s[0] + 0.1 * g);
            s[0] = 0.99 * s[0] + 0.01 * g;
            return p - r.rate() * (u + r.decay * p);
        });
    }

    static Step nAdam() {
        return each(
                (p, g, s, t, r) -> {
                    double now = 0.9 * (1 - 0.5 * Math.pow(0.96, t * 0.004));
                    double next = 0.9 * (1 - 0.5 * Math.pow(0.96, (t + 1) * 0.004));
                    s[0] *= now;
                    s[1] = 0.9 * s[1] + 0.1 * g;
                    s[2] = 0.999 * s[2] + 0.001 * g * g;
                    double root = Math.sqrt(corrected(s[2], 0.999, t)) + 1e-8;
                    double shrunk = p - r.rate() * r.decay * p;
                    return shrunk
                            - r.rate() * (1 - now) / (1 - s[0]) * g / root
                            - r.rate() * next / (1 - s[0] * next) * s[1] / root;
                },
                1);
    }

    static Step rAdam() {
        double all = 2 / (1 - 0.999) - 1;
        return each((p, g, s, t, r) -> {
            s[0] = 0.9 * s[0] + 0.1 * g;
            s[1] = 0.999 * s[1] + 0.001 * g * g;
            double power = Math.pow(0.999, t);
            double length = all - 2 * t * power / (1 - power);
            double shrunk = p - r.rate() * r.decay * p;
            double mean = corrected(s[0], 0.9, t);
            if (length <= 4) {
                return shrunk - r.rate() * mean;
            }
            double rectified = Math.sqrt((length - 4) * (length - 2) * all / ((all - 4) * (all - 2) * length));
            return shrunk - r.rate() * rectified * mean / (Math.sqrt(corrected(s[1], 0.999, t)) + 1e-8);
        });
    }

    static Step rmsProp() {
        return each((p, gradient, s, _, r) -> {
            double g = gradient + r.decay * p;
            s[0] = 0.99 * s[0] + 0.01 * g * g;
            s[1] = 0.99 * s[1] + 0.01 * g;
            s[2] = 0.9 * s[2] + g / (Math.sqrt(s[0] - s[1] * s[1]) + 1e-8);
            return p - r.rate() * s[2];
        });
    }

    static Step rprop() {
        return each(
                (p, gradient, s, _, r) -> {
                    double turn = gradient * s[1];
                    s[0] = Math.max(1e-6, Math.min(50, s[0] * (turn > 0 ? 1.2 : turn < 0 ? 0.5 : 1)));
                    s[1] = turn < 0 ? 0 : gradient;
                    return p - r.rate() * Math.signum(s[1]) * s[0];
                },
                0.01);
    }

    static Step sgdW() {
        return each((p, g, s, _, r) -> {
            s[0] = 0.9 * s[0] + r.rate() * g;
            return p - s[0] - r.rate() * r.decay * p;
        });
    }

    static Step signSgd() {
        return each((p, g, _, _, r) -> p - r.rate() * (Math.signum(g) + r.decay * p));
    }

    static Step signum() {
        return each((p, g, s, _, r) -> {
            s[0] = 0.9 * s[0] + 0.1 * g;
            return p - r.rate() * (Math.signum(s[0]) + r.decay * p);
        });
    }

    static Step yogi() {
        return each(
                (p, g, s, t, r) -> {
                    s[1] = 0.9 * s[1] + 0.1 * g;
                    s[0] -= 0.001 * Math.signum(s[0] - g * g) * g * g;
                    double u = corrected(s[1], 0.9, t) / (Math.sqrt(corrected(s[0], 0.999, t)) + 1e-3);
                    return p - r.rate() * (u + r.decay * p);
                },
                1e-6);
    }

    static Step madGrad() {
        return each((p, gradient, s, t, r) -> {
            if (t == 1) {
                s[3] = p;
            }
            double g = gradient + r.decay * p;
            double lambda = r.rate() * Math.sqrt(t);
            s[0] += lambda * g;
            s[1] += lambda * g * g;
            double z = s[3] - s[0] / (Math.cbrt(s[1]) + 1e-6);
            return 0.9 * p + 0.1 * z;
        });
    }

    static Step scheduleFree() {
        double[] sum = new double[1];
        int[] seen = new int[1];
        return each((p, g, s, t, r) -> {
            if (seen[0] != t) {
                seen[0] = t;
                sum[0] += r.base * r.base;
            }
            if (t == 1) {
                s[0] = p;
                s[1] = p;
            }
            s[2] = 0.999 * s[2] + 0.001 * g * g;
            double u = g / (Math.sqrt(corrected(s[2], 0.999, t)) + 1e-8);
            s[0] -= r.rate() * (u + r.decay * p);
            double c = r.base * r.base / sum[0];
            s[1] = (1 - c) * s[1] + c * s[0];
            return 0.9 * s[1] + 0.1 * s[0];
        });
    }

    // ---- those that look at a whole parameter ------------------------------------------------------------

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
            double rate = r.factor * (relative ? Math.max(1e-3, rms(p)) * Math.min(r.base, 1 / Math.sqrt(t)) : r.base);
            for (int i = 0; i < n; i++) {
                double step = rate * u[i] / clip;
                if (!relative) {
                    s[3][i] = 0.9 * s[3][i] + 0.1 * step;
                    step = s[3][i];
                }
                p[i] -= rate * r.decay * p[i] + step;
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
                p[i] -= r.rate() * (s[1][i] + r.decay * pull[i] / pullLimit);
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
                u[i] = corrected(s[0][i], 0.9, t) / (Math.sqrt(corrected(s[1][i], 0.999, t)) + 1e-6) + r.decay * p[i];
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
            double local = shape.length > 1 ? 1e-3 * norm(p) / (norm(g) + r.decay * norm(p)) : 1;
            for (int i = 0; i < p.length; i++) {
                s[0][i] = 0.9 * s[0][i] + r.rate() * local * (g[i] + r.decay * p[i]);
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
                s[1][i] = 0.95 * s[1][i] + g[i] / (Math.sqrt(s[0][0]) + 1e-8) + r.decay * p[i];
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
                s[2][i] = b * s[2][i] + (1 - b) * r.base * d * d * g[i];
                length += Math.abs(s[2][i]);
                p[i] -= r.rate() * d * r.decay * p[i] + r.rate() * d * s[0][i] / (Math.sqrt(s[1][i]) + d * 1e-8);
            }
            numbers[1] = b * numbers[1] + (1 - b) * r.base * d * d * along;
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
                s[0][i] = 0.9 * s[0][i] + 0.1 * d * r.base * g[i];
                s[1][i] = 0.999 * s[1][i] + 0.001 * g[i] * g[i];
                double root = Math.sqrt(s[1][i]) + 1e-8;
                along += g[i] * s[2][i] / root;
                s[2][i] = b * s[2][i] + (1 - b) * d * r.base * g[i];
                length += Math.abs(s[2][i]);
                p[i] -= r.rate() * d * r.decay * p[i] + r.factor * s[0][i] / root;
            }
            numbers[1] = b * numbers[1] + (1 - b) * d * r.base * along;
            numbers[0] = Math.max(d, numbers[1] / ((1 - b) * length));
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
                p[i] = p[i] * (1 - r.rate() * r.decay) - r.rate() * g[i] * (1 - utility);
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
                    u[i] = 0.1 * corrected(s[0][i], 0.9, t) / (Math.sqrt(corrected(s[1][i], 0.95, t)) + 1e-8);
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
                p[i] -= r.rate() * (u[i] + r.decay * p[i]);
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
