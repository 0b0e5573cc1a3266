package org.lehr.engine.nn.norm;

import java.util.Map;
import org.lehr.engine.nn.Functional;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Norm;
import org.lehr.kernels.DType;

/// A layer whose weight is divided by its largest singular value (Miyato et al. 2018), which a step of power iteration
/// follows at each forward pass in training: `u ← W·v/‖W·v‖, v ← Wᵀ·u/‖Wᵀ·u‖, σ = uᵀ·W·v` with `W [out, rest]`; the
/// gradient takes `u` and `v` as constants. Buffers `u [out]`, `v [rest]`. `x [...] → [...]`, as the layer.
public final class SpectralNorm extends Layer {

    private static final double TINY = 1e-12;
    private static final int FIRST_STEPS = 15;

    private final Layer layer;
    private final Parameter weight;
    private final Tensor u;
    private final Tensor v;
    private final int steps;

    /// @param layer one with a parameter `weight` of at least two dimensions
    /// @param steps of power iteration at each forward pass in training, at least 1
    public SpectralNorm(Layer layer, int steps, RandomStream random) {
        if (steps < 1) {
            throw new IllegalArgumentException("spectral norm: needs at least one step of iteration, got " + steps);
        }
        this.layer = child("layer", layer);
        this.weight = Weights.of("spectral norm", layer);
        this.steps = steps;
        Tensor matrix = matrix(weight.own());
        u = buffer("u", unit(random.split("u").normal(DType.FLOAT32, matrix.extent(0))));
        v = buffer("v", unit(random.split("v").normal(DType.FLOAT32, matrix.extent(1))));
        iterate(FIRST_STEPS);
    }

    @Override
    protected Tensor forward(Tensor x) {
        if (isTraining()) {
            iterate(steps);
        }
        Tensor w = weight.unadapted();
        // Copies: the buffers move on before the backward pass reads what this pass has seen.
        Tensor left = Tensor.of(u.toDoubleArray()).to(w.dtype());
        Tensor right = Tensor.of(v.toDoubleArray()).to(w.dtype());
        Tensor sigma = matrix(w).mul(right).sum(1).mul(left).sum();
        return Functional.call(layer, Map.of("weight", w.div(sigma)), () -> layer.apply(x));
    }

    private void iterate(int times) {
        Recording.off(() -> {
            Tensor w = matrix(weight.unadapted()).to(DType.FLOAT32);
            for (int i = 0; i < times; i++) {
                u.copyFrom(unit(w.matmul(v.unsqueeze(1)).squeeze(1)));
                v.copyFrom(unit(w.transpose(0, 1).matmul(u.unsqueeze(1)).squeeze(1)));
            }
            return null;
        });
    }

    private static Tensor matrix(Tensor weight) {
        return weight.reshape(weight.extent(0), weight.size() / weight.extent(0));
    }

    private static Tensor unit(Tensor vector) {
        return vector.div(Norm.norm(vector, 2, true, 0).add(TINY));
    }
}
