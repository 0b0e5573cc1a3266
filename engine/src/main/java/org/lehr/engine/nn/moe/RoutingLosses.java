package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.LogSumExp;
import org.lehr.engine.tensor.op.Maximum;
import org.lehr.engine.tensor.op.ScatterAdd;

/// The usual losses of routers. The first four are 1 where the load is even: `f` is the share of an expert in the used
/// slots, `P` its mean score, where the scores of a token are divided by their sum.
public enum RoutingLosses implements RoutingLoss {
    /// `e·Σ f·P` over the batch (Fedus et al. 2021).
    SWITCH {
        @Override
        public Tensor of(Routing routing) {
            return balance(routing, shares(routing.experts(), routing.loads()));
        }
    },
    /// As [#SWITCH] with the shares in the first choices alone (Lepikhin et al. 2020, times `e²`).
    GSHARD {
        @Override
        public Tensor of(Routing routing) {
            Tensor first = routing.indices().slice(-1, 0, 1);
            return balance(routing, shares(routing.experts(), Routing.count(routing.experts(), first.toLongArray())));
        }
    },
    /// The mean over the sequences of [#SWITCH] of each (DeepSeek-AI 2024).
    SEQUENCE {
        @Override
        public Tensor of(Routing routing) {
            int sequences = Math.toIntExact(routing.indices().extent(0));
            int e = routing.experts();
            double[] shares = new double[sequences * e];
            for (int b = 0; b < sequences; b++) {
                long[] indices = routing.indices().slice(0, b, b + 1).toLongArray();
                System.arraycopy(shares(e, Routing.count(e, indices)), 0, shares, b * e, e);
            }
            Tensor means = routing.scores().distribution().mean(1);
            return means.mul(Tensor.of(shares, sequences, e).to(means.dtype()))
                    .sum()
                    .mul((double) e / sequences);
        }
    },
    /// As [#SWITCH] with the shares in all batches of the step so far (Qiu et al. 2025).
    GLOBAL {
        @Override
        public Tensor of(Routing routing) {
            return balance(routing, shares(routing.experts(), routing.stepLoads()));
        }
    },
    /// The squared coefficient of variation of the experts' summed weights (Shazeer et al. 2017).
    IMPORTANCE {
        @Override
        public Tensor of(Routing routing) {
            Tensor weights = routing.weights();
            long slots = weights.extent(-1);
            Tensor used = Compare.greaterOrEqual(routing.indices(), Tensor.of(new long[] {0}, 1))
                    .to(weights.dtype());
            Tensor places = Maximum.maximum(routing.indices(), Tensor.of(new long[] {0}, 1));
            Tensor zeros = Tensor.full(0, weights.device(), weights.dtype(), routing.tokens(), routing.experts());
            Tensor importance = ScatterAdd.scatterAdd(
                            zeros,
                            1,
                            places.reshape(routing.tokens(), slots),
                            weights.mul(used).reshape(routing.tokens(), slots))
                    .sum(0);
            Tensor mean = importance.mean();
            return importance.sub(mean).square().mean().div(mean.square());
        }
    },
    /// The mean squared log-sum-exp of the logits, which keeps them small (Zoph et al. 2022).
    Z {
        @Override
        public Tensor of(Routing routing) {
            return LogSumExp.logSumExp(routing.scores().logits(), false, -1)
                    .square()
                    .mean();
        }
    };

    private static Tensor balance(Routing routing, double... shares) {
        Tensor distribution = routing.scores().distribution();
        Tensor means = distribution.reshape(-1, routing.experts()).mean(0);
        return means.mul(Tensor.of(shares, shares.length).to(means.dtype()))
                .sum()
                .mul(routing.experts());
    }

    private static double[] shares(int experts, long... loads) {
        long all = 0;
        for (long load : loads) {
            all += load;
        }
        double[] shares = new double[experts];
        for (int i = 0; i < experts; i++) {
            shares[i] = (double) loads[i] / Math.max(1, all);
        }
        return shares;
    }
}
