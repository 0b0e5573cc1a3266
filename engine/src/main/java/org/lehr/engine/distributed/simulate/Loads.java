package org.lehr.engine.distributed.simulate;

/// How many tokens each rank has for each expert, step by step.
public interface Loads {

    int layers();

    int experts();

    int ranks();

    /// `[ranks][experts]`
    double[][] tokens(int step, int layer);

    /// The sums over ranks. `[experts]`
    static double[] sums(double[]... tokens) {
        double[] sums = new double[tokens[0].length];
        for (double[] of : tokens) {
            for (int expert = 0; expert < sums.length; expert++) {
                sums[expert] += of[expert];
            }
        }
        return sums;
    }
}
