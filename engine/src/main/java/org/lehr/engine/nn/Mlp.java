package org.lehr.engine.nn;

import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Two linear maps with an activation between them, or the gated form `down(activation(gate(x))·up(x))`
/// (Shazeer 2020): SwiGLU with SiLU, GeGLU with GELU, ReGLU with ReLU. `x [..., n] → [..., n]`
public final class Mlp extends Layer {

    /// The sizes and choices of the layer.
    ///
    /// @param hidden the inner width
    /// @param gated whether the gated form is meant
    /// @param bias whether the maps have biases
    public record Form(long hidden, Activation activation, boolean gated, boolean bias) {
        public Form {
            if (hidden < 1) {
                throw new IllegalArgumentException("mlp: the hidden width must be positive, got " + hidden);
            }
        }
    }

    /// What the maps are called in checkpoints.
    ///
    /// @param gate of the gated form; null where there is none
    /// @param transposed whether weights are stored as `[in, out]`
    public record Names(String gate, String up, String down, boolean transposed) {

        /// `gate_proj`, `up_proj`, `down_proj`
        public static final Names LLAMA = new Names("gate_proj", "up_proj", "down_proj", false);
    }

    private final Layer gate;
    private final Layer up;
    private final Layer down;
    private final Activation activation;

    /// @param weight how the weights begin
    /// @param output how the weight of the last map begins (scaled down with depth, usually)
    public Mlp(long width, Form form, Names names, Initializer weight, Initializer output, RandomStream random) {
        if (form.gated && names.gate == null) {
            throw new IllegalArgumentException("mlp: the gated form needs a name for its gate");
        }
        activation = form.activation;
        gate = form.gated ? map(names.gate, width, form.hidden, form, names, weight, random) : null;
        up = map(names.up, width, form.hidden, form, names, weight, random);
        down = map(names.down, form.hidden, width, form, names, output, random);
    }

    private Layer map(String name, long in, long out, Form form, Names names, Initializer weight, RandomStream random) {
        RandomStream mine = random.split(name);
        return child(
                name,
                names.transposed
                        ? new TransposedLinear(in, out, form.bias, weight, mine)
                        : new Linear(in, out, form.bias ? Initializer.constant(0) : null, weight, mine));
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor inner = gate == null
                ? activation.apply(up.apply(x))
                : activation.apply(gate.apply(x)).mul(up.apply(x));
        return down.apply(inner);
    }
}
