package org.lehr.engine.nn.hybrid;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Attention;
import org.lehr.engine.tensor.op.Cos;
import org.lehr.engine.tensor.op.Range;
import org.lehr.engine.tensor.op.Rotary;
import org.lehr.engine.tensor.op.Sin;
import org.lehr.kernels.DType;

/// Causal attention that goes on where it stopped, with widths of its own for what comes in, the heads, and what goes
/// out. Names as in Llama: `q_proj`, `k_proj`, `v_proj`, `o_proj`, without biases. `x [b, t, in] → [b, t, out]`
public final class CausalAttention extends SequenceLayer<KeyValues> {

    private final Form form;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;

    /// The shape of a layer.
    ///
    /// @param in width of what is read
    /// @param out width of the result
    /// @param heads query heads
    /// @param keyHeads key and value heads, a divisor of `heads`
    /// @param headWidth width of each head
    /// @param scale factor of the dot products
    /// @param rotaryBase base of rotary positions (Su et al. 2021), 0 for no positions; where layers with a state
    /// stand
    ///     between, they tell positions apart
    public record Form(long in, long out, long heads, long keyHeads, long headWidth, double scale, double rotaryBase) {

        public Form {
            if (in < 1 || out < 1 || heads < 1 || keyHeads < 1 || headWidth < 1 || heads % keyHeads != 0) {
                throw new IllegalArgumentException("attention: needs positive sizes and heads divisible by key heads,"
                        + " got " + in + " → " + out + ", heads " + heads + ", key heads " + keyHeads
                        + ", head width " + headWidth);
            }
            if (!(scale > 0) || rotaryBase != 0 && (!(rotaryBase > 1) || headWidth % 2 != 0)) {
                throw new IllegalArgumentException("attention: needs a positive scale, and for rotary positions a base"
                        + " above 1 and an even head width, got scale " + scale + ", base " + rotaryBase
                        + ", head width " + headWidth);
            }
        }

        /// As wide as the stream, with the usual scale and no positions.
        public static Form of(long width, long heads, long keyHeads) {
            if (heads < 1 || width % heads != 0) {
                throw new IllegalArgumentException(
                        "attention: needs a width divisible by heads, got width " + width + ", heads " + heads);
            }
            long each = width / heads;
            return new Form(width, width, heads, keyHeads, each, 1 / Math.sqrt(each), 0);
        }
    }

    /// Queries, keys and values before they are cut into heads, `[b, t, heads·d]`.
    record Projections(Tensor q, Tensor k, Tensor v) {}

    /// @param weight how the weights of queries, keys and values begin
    /// @param outputWeight how the weight of the last map begins
    public CausalAttention(Form form, Initializer weight, Initializer outputWeight, RandomStream random) {
        this.form = form;
        long inner = form.heads() * form.headWidth();
        long shared = form.keyHeads() * form.headWidth();
        query = child("q_proj", new Linear(form.in(), inner, null, weight, random.split("q_proj")));
        key = child("k_proj", new Linear(form.in(), shared, null, weight, random.split("k_proj")));
        value = child("v_proj", new Linear(form.in(), shared, null, weight, random.split("v_proj")));
        output = child("o_proj", new Linear(inner, form.out(), null, outputWeight, random.split("o_proj")));
    }

    @Override
    public KeyValues start(long batch) {
        Tensor like = key.weight().value();
        return KeyValues.none(like.device(), like.dtype(), batch, form.keyHeads(), form.headWidth());
    }

    @Override
    public Step<KeyValues> run(Tensor x, KeyValues before) {
        return attend(projections(x), before);
    }

    Projections projections(Tensor x) {
        if (x.rank() != 3 || x.extent(2) != form.in()) {
            throw new IllegalArgumentException("attention: needs x [b, t, " + form.in() + "], got " + x.shape());
        }
        return new Projections(query.apply(x), key.apply(x), value.apply(x));
    }

    Step<KeyValues> attend(Projections projections, KeyValues before) {
        Tensor q = turned(heads(projections.q, form.heads()), before.length());
        Tensor k = turned(heads(projections.k, form.keyHeads()), before.length());
        KeyValues all = before.then(k, heads(projections.v, form.keyHeads()));
        Attention attention = new Attention(form.scale(), true, 0, false, false);
        Tensor joined = Tensor.apply(attention, q, all.keys(), all.values()).transpose(1, 2);
        Tensor y = joined.reshape(joined.extent(0), joined.extent(1), form.heads() * form.headWidth());
        return new Step<>(output.apply(y), all);
    }

    /// `[b, t, h·d] → [b, h, t, d]`
    private Tensor heads(Tensor x, long heads) {
        return x.reshape(x.extent(0), x.extent(1), heads, form.headWidth()).transpose(1, 2);
    }

    /// `x [b, h, t, d]` turned as the positions from `from` on demand, which may be any.
    private Tensor turned(Tensor x, long from) {
        if (form.rotaryBase() == 0) {
            return x;
        }
        double slower = -2 * Math.log(form.rotaryBase()) / form.headWidth();
        Tensor rates = Range.range(x.device(), DType.FLOAT64, 0, slower, form.headWidth() / 2)
                .exp();
        Tensor angles = Range.range(x.device(), DType.FLOAT64, from, 1, x.extent(2))
                .unsqueeze(1)
                .mul(rates);
        return Rotary.rotary(x, Cos.cos(angles).to(x.dtype()), Sin.sin(angles).to(x.dtype()));
    }
}
