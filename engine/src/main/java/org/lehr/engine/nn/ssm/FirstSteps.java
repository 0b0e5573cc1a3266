package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// The widths of steps that mixers begin with (Gu, Dao 2023): spread logarithmically over `[0.001, 0.1]`.
final class FirstSteps {

    /// Biases whose softplus are such widths.
    static final Initializer BIASES = FirstSteps::biases;

    private static final double LEAST = 1e-3;
    private static final double LARGEST = 1e-1;
    private static final double FLOOR = 1e-4;

    private FirstSteps() {}

    private static Tensor biases(DType dtype, Shape shape, RandomStream random) {
        double[] steps = random.uniform(DType.FLOAT64, shape.toArray()).toDoubleArray();
        for (int i = 0; i < steps.length; i++) {
            double step = Math.max(FLOOR, LEAST * StrictMath.pow(LARGEST / LEAST, steps[i]));
            steps[i] = step + StrictMath.log(-StrictMath.expm1(-step));
        }
        return Tensor.of(steps, shape.toArray()).to(dtype);
    }
}
