package org.lehr.engine.nn;

import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Gelu;
import org.lehr.engine.tensor.op.Silu;

/// The nonlinearity of a feed-forward layer.
public enum Activation {
    RELU {
        @Override
        public Tensor apply(Tensor x) {
            return x.relu();
        }
    },
    /// `relu(x)²` (So et al. 2021)
    RELU_SQUARED {
        @Override
        public Tensor apply(Tensor x) {
            return x.relu().square();
        }
    },
    GELU {
        @Override
        public Tensor apply(Tensor x) {
            return Gelu.gelu(x);
        }
    },
    GELU_TANH {
        @Override
        public Tensor apply(Tensor x) {
            return Gelu.geluTanh(x);
        }
    },
    SILU {
        @Override
        public Tensor apply(Tensor x) {
            return Silu.silu(x);
        }
    };

    public abstract Tensor apply(Tensor x);
}
