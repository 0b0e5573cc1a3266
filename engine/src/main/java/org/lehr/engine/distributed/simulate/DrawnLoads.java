package org.lehr.engine.distributed.simulate;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Loads like those of routers that learn: in each layer the logarithms of the experts' shares walk slowly around a
/// normal distribution, `z ← ρ·z + √(1 − ρ²)·σ·n`, and each rank's shares are off by a factor of its own.
///
/// Steps are drawn in order; asking for an earlier step than the last is an error.
public final class DrawnLoads implements Loads {

    /// How loads are drawn.
    ///
    /// @param skew σ; 0 for equal loads
    /// @param memory ρ, in `[0, 1]`; 1 for loads that stay
    /// @param spread of a rank's own factor, the deviation of its logarithm
    public record Form(double skew, double memory, double spread) {

        public Form {
            if (!(skew >= 0) || !(memory >= 0 && memory <= 1) || !(spread >= 0)) {
                throw new IllegalArgumentException(
                        "drawn loads: need a skew and a spread of at least 0 and a memory in [0, 1], got " + skew + ", "
                                + spread + " and " + memory);
            }
        }
    }

    private final Workload workload;
    private final Form form;
    private final int ranks;
    private final long seed;
    private final double[][] logits;
    private int step;

    public DrawnLoads(Workload workload, int ranks, Form form, long seed) {
        this.workload = workload;
        this.form = form;
        this.ranks = ranks;
        this.seed = seed;
        logits = new double[workload.layers()][workload.experts()];
        for (int layer = 0; layer < logits.length; layer++) {
            walk(layer, 0, 0);
        }
    }

    private void walk(int layer, int to, double memory) {
        RandomGenerator random = random(to, layer, 0);
        double fresh = form.skew * Math.sqrt(1 - memory * memory);
        for (int expert = 0; expert < logits[layer].length; expert++) {
            logits[layer][expert] = memory * logits[layer][expert] + fresh * normal(random);
        }
    }

    private RandomGenerator random(int atStep, int layer, int use) {
        return new SplittableRandom(seed * 1_000_003 + (atStep * 31L + layer) * 2 + use);
    }

    /// Box and Muller's, with strict functions: equal on all machines.
    private static double normal(RandomGenerator random) {
        double radius = Math.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
        return radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
    }

    @Override
    public int layers() {
        return workload.layers();
    }

    @Override
    public int experts() {
        return workload.experts();
    }

    @Override
    public int ranks() {
        return ranks;
    }

    @Override
    public double[][] tokens(int at, int layer) {
        if (at < step) {
            throw new IllegalArgumentException("drawn loads: step " + at + " is past, the last one was " + step);
        }
        for (; step < at; step++) {
            for (int each = 0; each < logits.length; each++) {
                walk(each, step + 1, form.memory);
            }
        }
        double[] weights = new double[workload.experts()];
        for (int expert = 0; expert < weights.length; expert++) {
            weights[expert] = StrictMath.exp(logits[layer][expert]);
        }
        RandomGenerator random = random(at, layer, 1);
        double[][] tokens = new double[ranks][];
        double[] even = form.spread == 0 ? scaled(weights) : null;
        for (int rank = 0; rank < ranks; rank++) {
            tokens[rank] = even == null ? scaled(spread(weights, random)) : even;
        }
        return tokens;
    }

    private double[] spread(double[] weights, RandomGenerator random) {
        double[] of = weights.clone();
        for (int expert = 0; expert < of.length; expert++) {
            of[expert] *= StrictMath.exp(form.spread * normal(random));
        }
        return of;
    }

    private double[] scaled(double... weights) {
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights)
                .map(weight -> weight * workload.slots() / sum)
                .toArray();
    }
}
