package org.lehr.engine.optim;

/// The updates of optimizers that look at each number by itself, as the papers write them.
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

    static double corrected(double x, double beta, int t) {
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
}
