package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Maximum;

/// How even a routing is.
///
/// @param load share of each expert in the used slots
/// @param violation how much more than the mean the most loaded expert has, relative to the mean (Wang et al. 2024)
/// @param entropy mean entropy of the scores of a token, in nats; at most `ln e`
/// @param unrouted share of the slots that are not used
public record RoutingStatistics(double violation, double entropy, double unrouted, double... load) {

    public static RoutingStatistics of(Routing routing) {
        long[] loads = routing.loads();
        long used = 0;
        long most = 0;
        for (long load : loads) {
            used += load;
            most = Math.max(most, load);
        }
        double[] shares = new double[loads.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = (double) loads[i] / Math.max(1, used);
        }
        double violation = used == 0 ? 0 : (double) most * loads.length / used - 1;
        long slots = routing.indices().size();
        return new RoutingStatistics(violation, entropy(routing), (double) (slots - used) / Math.max(1, slots), shares);
    }

    /// A score of 0 adds nothing, as `p·ln p` goes to 0 there.
    private static double entropy(Routing routing) {
        return Recording.off(() -> {
            Tensor p = routing.scores().distribution();
            Tensor logs = Maximum.maximum(p, p.scalarLike(Float.MIN_NORMAL)).log();
            return -p.mul(logs).sum(-1).mean().item();
        });
    }
}
