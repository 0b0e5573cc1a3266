package org.lehr.engine.nn;

import java.util.List;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Attention;
import org.lehr.engine.tensor.op.Concat;

/// Causal self-attention with grouped heads (Ainslie et al. 2023), rotary positions (Su et al. 2021) and,
/// if wanted, normalised queries and keys (Dehghani et al. 2023). Names as in Llama: `q_proj`, `k_proj`,
/// `v_proj`, `o_proj`, `q_norm`, `k_norm`. `x [b, t, n] → [b, t, n]`
public final class MultiHeadAttention extends Layer {

    /// The sizes of an attention layer.
    ///
    /// @param width n, a multiple of `heads`
    /// @param keyHeads how many key and value heads there are; divides `heads`
    /// @param queryKeyNorm whether queries and keys are normalised per head
    /// @param window how many positions back a query sees, 0 for all
    public record Form(long width, long heads, long keyHeads, boolean queryKeyNorm, long window) {
        public Form {
            if (width < 1 || heads < 1 || keyHeads < 1 || width % heads != 0 || heads % keyHeads != 0 || window < 0) {
                throw new IllegalArgumentException("attention: needs a width divisible by heads and heads divisible by"
                        + " key heads and a window of at least 0, got width " + width + ", heads " + heads
                        + ", key heads " + keyHeads + ", window " + window);
            }
        }

        /// The width of one head.
        public long headWidth() {
            return width / heads;
        }
    }

    private final Form form;
    private final RotaryPositions positions;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;
    private final RmsNorm queryNorm;
    private final RmsNorm keyNorm;

    /// @param positions rotary positions shared by the layers of a model, or null for none
    public MultiHeadAttention(
            Form form, RotaryPositions positions, Initializer weight, Initializer outputWeight, RandomStream random) {
        this.form = form;
        this.positions = positions;
        long d = form.headWidth();
        query = child("q_proj", new Linear(form.width, form.heads * d, null, weight, random.split("q_proj")));
        key = child("k_proj", new Linear(form.width, form.keyHeads * d, null, weight, random.split("k_proj")));
        value = child("v_proj", new Linear(form.width, form.keyHeads * d, null, weight, random.split("v_proj")));
        output = child("o_proj", new Linear(form.heads * d, form.width, null, outputWeight, random.split("o_proj")));
        queryNorm = form.queryKeyNorm ? child("q_norm", new RmsNorm(d, 1e-6)) : null;
        keyNorm = form.queryKeyNorm ? child("k_norm", new RmsNorm(d, 1e-6)) : null;
    }

    @Override
    protected Tensor forward(Tensor x) {
        return joined(Tensor.apply(attention(), inputs(x)));
    }

    /// How much each position takes of each, averaged over the heads: what the layer computes with but never holds,
    /// so
    /// this costs the scores again and the memory for them. `x [b, t, n] → [b, t, t]`
    public Tensor meanWeights(Tensor x) {
        return attention().weights(inputs(x)).mean(1);
    }

    private Attention attention() {
        return new Attention(Double.NaN, true, form.window, false, false);
    }

    /// Queries, keys and values.
    private Tensor[] inputs(Tensor x) {
        return new Tensor[] {
            turned(heads(query.apply(x), form.heads, queryNorm), 0),
            turned(heads(key.apply(x), form.keyHeads, keyNorm), 0),
            heads(value.apply(x), form.keyHeads, null)
        };
    }

    /// The same for positions that follow those in `caches`, one for each row of `x`, which remember these too.
    Tensor extend(Tensor x, List<KeyValueCache> caches) {
        Tensor q = heads(query.apply(x), form.heads, queryNorm);
        Tensor k = heads(key.apply(x), form.keyHeads, keyNorm);
        Tensor v = heads(value.apply(x), form.keyHeads, null);
        Tensor[] rows = new Tensor[caches.size()];
        for (int i = 0; i < rows.length; i++) {
            KeyValueCache cache = caches.get(i);
            long from = cache.length();
            cache.append(turned(k.slice(0, i, i + 1), from), v.slice(0, i, i + 1));
            rows[i] = cache.attend(turned(q.slice(0, i, i + 1), from), form.window);
        }
        return joined(Concat.concat(0, rows));
    }

    private Tensor turned(Tensor x, long from) {
        return positions == null ? x : positions.rotate(x, from);
    }

    /// `[b, h, t, d] → [b, t, n]`
    private Tensor joined(Tensor heads) {
        Tensor joined = heads.transpose(1, 2);
        return output.apply(joined.reshape(joined.extent(0), joined.extent(1), form.heads * form.headWidth()));
    }

    /// `[b, t, h·d] → [b, h, t, d]`, each head normalised where there is a norm.
    private Tensor heads(Tensor x, long heads, RmsNorm norm) {
        Tensor split = x.reshape(x.extent(0), x.extent(1), heads, form.headWidth());
        return (norm == null ? split : norm.apply(split)).transpose(1, 2);
    }
}
