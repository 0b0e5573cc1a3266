package org.lehr.engine.nn;

import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Two linear maps with an activation between them, or the gated form `down(activation(gate(x))·up(x))`
/// (Shazeer 2020), which with SiLU is SwiGLU. Names as in Llama: `gate_proj`, `up_proj`, `down_proj`.
/// `x [..., n] → [..., n]`
public final class Mlp extends Layer {

    private final Linear gate;
    private final Linear up;
    private final Linear down;
    private final Activation activation;

    /// @param hidden the inner width
    /// @param gated whether the gated form is meant
    /// @param bias whether the maps have biases
    /// @param weight how the weights begin
    /// @param output how the weight of the last map begins (scaled down with depth, usually)
    public Mlp(
            long width,
            long hidden,
            Activation activation,
            boolean gated,
            boolean bias,
            Initializer weight,
            Initializer output,
            RandomStream random) {
        Initializer zero = bias ? Initializer.constant(0) : null;
        this.activation = activation;
        gate = gated ? child("gate_proj", new Linear(width, hidden, zero, weight, random.split("gate_proj"))) : null;
        up = child("up_proj", new Linear(width, hidden, zero, weight, random.split("up_proj")));
        down = child("down_proj", new Linear(hidden, width, zero, output, random.split("down_proj")));
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor inner = gate == null
                ? activation.apply(up.apply(x))
                : activation.apply(gate.apply(x)).mul(up.apply(x));
        return down.apply(inner);
    }
}
