package org.lehr.engine.nn.hybrid;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Module;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Attention;

/// Attention of tokens to a [MemoryPool], whose places have no order; an empty pool says zeros. Names `q_proj`,
/// `k_proj`, `v_proj`, `o_proj`. `x [b, t, n], pool of [b, s, n] → [b, t, n]`
final class PoolAttention extends Module {

    private static final Attention ATTENTION = new Attention(Double.NaN, false, 0, false, true);

    private final long heads;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;

    PoolAttention(long width, long heads, Initializer outputWeight, RandomStream random) {
        Initializer weight = Initializer.fanInUniform();
        this.heads = heads;
        query = child("q_proj", new Linear(width, width, null, weight, random.split("q_proj")));
        key = child("k_proj", new Linear(width, width, null, weight, random.split("k_proj")));
        value = child("v_proj", new Linear(width, width, null, weight, random.split("v_proj")));
        output = child("o_proj", new Linear(width, width, null, outputWeight, random.split("o_proj")));
    }

    Tensor apply(Tensor x, MemoryPool pool) {
        Tensor k = heads(key.apply(pool.summaries()));
        Tensor v = heads(value.apply(pool.summaries()));
        Tensor joined = Tensor.apply(ATTENTION, heads(query.apply(x)), k, v, pool.isEmpty())
                .transpose(1, 2);
        return output.apply(joined.reshape(x.shape().toArray()));
    }

    /// `[b, t, n] → [b, h, t, n/h]`
    private Tensor heads(Tensor x) {
        return x.reshape(x.extent(0), x.extent(1), heads, x.extent(2) / heads).transpose(1, 2);
    }
}
