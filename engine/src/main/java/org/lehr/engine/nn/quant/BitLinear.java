package org.lehr.engine.nn.quant;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Clamp;
import org.lehr.engine.tensor.op.PiecewiseConstant;
import org.lehr.engine.tensor.op.Ranked;
import org.lehr.engine.tensor.op.StraightThrough;
import org.lehr.engine.tensor.op.TernaryMatmul;

/// A linear map whose weights are −1, 0 or 1 times one scale (BitNet b1.58; Ma et al. 2024; Nielsen, Schneider-Kamp
/// 2024).
///
/// `W̃ = clip(round(W/γ), −1, 1)·γ` with `γ` the mean or the median of `|W|`; the input is normalised and each row
/// rounded
/// to `[−128, 127]` steps of its largest magnitude over 127. Gradients pass the roundings as if they were not there, to
/// full-precision `weight [out, in]`. `x [..., in] → [..., out]`
public final class BitLinear extends Layer {

    /// What the scale of the weights is of their magnitudes.
    public enum Scale {
        MEAN,
        MEDIAN
    }

    private static final double TINY = 1e-5;
    private static final double STEPS = 127;

    private final RmsNorm norm;
    private final Linear linear;
    private final Scale scale;

    public BitLinear(long in, long out, Scale scale, RandomStream random) {
        this.norm = child("norm", new RmsNorm(in, 1e-6));
        this.linear = child("linear", new Linear(in, out, null, Initializer.fanInUniform(), random));
        this.scale = scale;
    }

    /// The weight in full precision, which is trained.
    public Parameter weight() {
        return linear.weight();
    }

    /// `γ`, of the present weights.
    public double gamma() {
        return Recording.off(() -> gamma(weight().own())).item();
    }

    /// The present weights without their scale, each −1, 0 or 1: `[out, in]`.
    public Tensor ternary() {
        return Recording.off(() -> ternary(weight().own(), gamma(weight().own())));
    }

    /// The present weights as a layer for use, in a sixteenth of the memory.
    public PackedBitLinear packed() {
        long[] sizes = weight().own().shape().toArray();
        PackedBitLinear packed = new PackedBitLinear(sizes[1], sizes[0]);
        packed.set(TernaryMatmul.pack(ternary()), gamma(), norm);
        return packed;
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor w = weight().value();
        Tensor rounded = Recording.off(() -> {
            Tensor gamma = gamma(w);
            return ternary(w, gamma).mul(gamma);
        });
        Tensor normal = norm.apply(x);
        Tensor steps = Recording.off(() -> {
            Tensor step = step(normal);
            return inSteps(normal, step).mul(step);
        });
        return org.lehr.engine.tensor.op.Linear.linear(
                StraightThrough.straightThrough(normal, steps), StraightThrough.straightThrough(w, rounded), null);
    }

    private Tensor gamma(Tensor w) {
        Tensor magnitudes = w.detach().abs().reshape(w.size());
        Tensor gamma = switch (scale) {
            case MEAN -> magnitudes.mean();
            case MEDIAN -> median(magnitudes);
        };
        return gamma.add(TINY);
    }

    private static Tensor median(Tensor values) {
        Tensor sorted = Ranked.sort(values, 0, false).values();
        long n = values.size();
        return sorted.slice(0, (n - 1) / 2, n / 2 + 1).mean();
    }

    private static Tensor ternary(Tensor w, Tensor gamma) {
        return Clamp.clamp(PiecewiseConstant.round(w.detach().div(gamma)), -1, 1);
    }

    /// The size of a step of each row. `x [..., n] → [..., 1]`
    static Tensor step(Tensor x) {
        return Clamp.clamp(x.detach().abs().max(-1).unsqueeze(-1), TINY, Double.MAX_VALUE)
                .mul(1 / STEPS);
    }

    /// How many steps each number is. `x [..., n] → [..., n]`
    static Tensor inSteps(Tensor x, Tensor step) {
        return Clamp.clamp(PiecewiseConstant.round(x.detach().div(step)), -STEPS - 1, STEPS);
    }
}
