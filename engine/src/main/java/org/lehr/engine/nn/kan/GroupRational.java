package org.lehr.engine.nn.kan;

import java.util.function.DoubleUnaryOperator;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// An activation that is learned: a rational function of degrees 5 over 4 for each group of neighbouring features
/// (Kolmogorov-Arnold transformers; Yang, Wang 2024). Parameters `numerator [g, 6]`, `denominator [g, 4]`.
/// `x [..., n] → [..., n]`
public final class GroupRational extends Layer {

    private final Parameter numerator;
    private final Parameter denominator;

    /// @param groups equal parts of the features, at least 1
    /// @param start the function that all groups begin as, up to 1e-2 on `[−3, 3]` for smooth ones
    public GroupRational(long groups, DoubleUnaryOperator start) {
        if (groups < 1) {
            throw new IllegalArgumentException("group rational: needs at least one group, got " + groups);
        }
        RationalFit fit = RationalFit.of(start);
        numerator = parameter("numerator", repeated(fit.numerator(), groups));
        denominator = parameter("denominator", repeated(fit.denominator(), groups));
    }

    /// Beginning as the identity.
    public static GroupRational identity(long groups) {
        return new GroupRational(groups, x -> x);
    }

    /// Beginning as `x·σ(x)`.
    public static GroupRational swish(long groups) {
        return new GroupRational(groups, x -> x / (1 + Math.exp(-x)));
    }

    private static Tensor repeated(double[] values, long groups) {
        return Tensor.of(values).to(DType.FLOAT32).unsqueeze(0).expand(groups, values.length);
    }

    /// The root mean square of the activation's output for standard normal input: a linear map behind it that keeps
    /// the
    /// variance has `1/√(in·gain²)` as the deviation of its weights.
    public double gain() {
        int points = 4001;
        double range = 6;
        double sum = 0;
        double mass = 0;
        double[] a = numerator.own().toDoubleArray();
        double[] b = denominator.own().toDoubleArray();
        for (int i = 0; i < points; i++) {
            double x = range * (2.0 * i / (points - 1) - 1);
            double density = Math.exp(-x * x / 2);
            double top = a[0] + x * (a[1] + x * (a[2] + x * (a[3] + x * (a[4] + x * a[5]))));
            double y = top / (1 + Math.abs(x * (b[0] + x * (b[1] + x * (b[2] + x * b[3])))));
            sum += density * y * y;
            mass += density;
        }
        return Math.sqrt(sum / mass);
    }

    @Override
    protected Tensor forward(Tensor x) {
        return org.lehr.engine.tensor.op.GroupRational.groupRational(x, numerator.value(), denominator.value());
    }
}
