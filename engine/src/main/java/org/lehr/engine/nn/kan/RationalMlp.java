package org.lehr.engine.nn.kan;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// The feed-forward layer of a Kolmogorov-Arnold transformer (Yang, Wang 2024): `fc2(r₂(fc1(r₁(x))))`, where `r₁`
/// begins
/// as the identity and `r₂` as Swish, and weights begin so that variances stay. `x [..., n] → [..., n]`
public final class RationalMlp extends Layer {

    private final GroupRational first;
    private final Linear up;
    private final GroupRational second;
    private final Linear down;

    /// @param groups equal parts of `width` and of `hidden`; 8 is usual
    public RationalMlp(long width, long hidden, long groups, RandomStream random) {
        if (width < 1 || hidden < 1 || groups < 1 || width % groups != 0 || hidden % groups != 0) {
            throw new IllegalArgumentException("rational mlp: needs positive widths that are multiples of the groups,"
                    + " got " + width + ", " + hidden + " and " + groups + " groups");
        }
        first = child("act1", GroupRational.identity(groups));
        up = child("fc1", linear(width, hidden, first.gain(), random.split("fc1")));
        second = child("act2", GroupRational.swish(groups));
        down = child("fc2", linear(hidden, width, second.gain(), random.split("fc2")));
    }

    private static Linear linear(long in, long out, double gain, RandomStream random) {
        Initializer weight = Initializer.normal(1 / (gain * Math.sqrt(in)));
        return new Linear(in, out, Initializer.constant(0), weight, random);
    }

    @Override
    protected Tensor forward(Tensor x) {
        return down.apply(second.apply(up.apply(first.apply(x))));
    }
}
