package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.Tensor;

/// The feed-forward layer beside the experts, which every token passes.
///
/// @param join how it joins the experts
/// @param hidden its inner width
public record DensePath(Join join, long hidden) {

    public DensePath {
        if (hidden < 1) {
            throw new IllegalArgumentException("dense path: the hidden width must be positive, got " + hidden);
        }
    }

    /// How the dense result and that of the experts become one.
    public enum Join {
        /// Added: experts that all tokens share (Dai et al. 2024).
        SHARED(0) {
            @Override
            Tensor of(Tensor mixed, Tensor dense, Tensor map) {
                return mixed.add(dense);
            }
        },
        /// Added, times the sigmoid of a linear map of the token (Qwen team 2024).
        GATED_SHARED(1) {
            @Override
            Tensor of(Tensor mixed, Tensor dense, Tensor map) {
                return mixed.add(dense.mul(map.sigmoid()));
            }
        },
        /// `c₀·experts + c₁·dense`, where `c` is the softmax of a linear map of the token (residual mixture,
        /// Rajbhandari et al. 2022).
        RESIDUAL(2) {
            @Override
            Tensor of(Tensor mixed, Tensor dense, Tensor map) {
                Tensor c = map.softmax(-1);
                return mixed.mul(c.slice(-1, 0, 1)).add(dense.mul(c.slice(-1, 1, 2)));
            }
        };

        private final int outputs;

        Join(int outputs) {
            this.outputs = outputs;
        }

        /// How many numbers the map of a token gives, 0 for no map.
        int outputs() {
            return outputs;
        }

        /// `mixed [b, t, n], dense [b, t, n], map [b, t, outputs] or null → [b, t, n]`
        abstract Tensor of(Tensor mixed, Tensor dense, Tensor map);
    }
}
