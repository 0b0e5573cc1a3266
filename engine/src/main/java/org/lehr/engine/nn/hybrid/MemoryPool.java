package org.lehr.engine.nn.hybrid;

import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Ranked;
import org.lehr.kernels.DType;

/// Summaries of what was important, as many as there are places: the least important make room. It never changes.
///
/// @param summaries `[b, s, n]`
/// @param importance `[b, s]`, 0 where a place is empty
public record MemoryPool(Tensor summaries, Tensor importance) {

    /// A pool of which all places are empty.
    static MemoryPool empty(Device device, DType dtype, long batch, long places, long width) {
        return new MemoryPool(
                Tensor.full(0, device, dtype, batch, places, width), Tensor.full(0, device, dtype, batch, places));
    }

    /// The pool after `more [b, t, n]` of importance `scores [b, t]` came, of which those up to `threshold` are
    /// passed
    /// over. Gradients flow through what is kept.
    MemoryPool with(Tensor more, Tensor scores, double threshold) {
        long places = importance.extent(1);
        Tensor enough = Compare.greater(scores, Tensor.full(threshold, scores.device(), scores.dtype(), 1))
                .to(scores.dtype());
        Ranked kept = Ranked.topK(Concat.concat(1, importance, scores.mul(enough)), 1, places, true);
        Tensor all = Concat.concat(1, summaries, more);
        long[] extents = {all.extent(0), places, all.extent(2)};
        Tensor rows = kept.indices().unsqueeze(2).expand(extents).contiguous();
        return new MemoryPool(all.gather(1, rows), kept.values());
    }

    /// The places of several pools as one pool.
    static MemoryPool joined(MemoryPool... pools) {
        Tensor[] summaries = new Tensor[pools.length];
        Tensor[] importance = new Tensor[pools.length];
        for (int i = 0; i < pools.length; i++) {
            summaries[i] = pools[i].summaries;
            importance[i] = pools[i].importance;
        }
        return new MemoryPool(Concat.concat(1, summaries), Concat.concat(1, importance));
    }

    /// Which places are empty, bool `[b, s]`.
    Tensor isEmpty() {
        return Compare.lessOrEqual(importance, Tensor.full(0, importance.device(), importance.dtype(), 1));
    }
}
