package org.lehr.engine.nn.attention;

import java.util.List;
import java.util.function.Supplier;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.KeyValueCache;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.TransposedLinear;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;

/// Attention with many heads (Vaswani et al. 2017), whose key heads may be fewer (Shazeer 2019; Ainslie et al. 2023).
/// Applied to a sequence alone, no position sees a later one; with a memory it is cross-attention.
/// `x [b, t, n] → [b, t, n]`
public final class MultiHeadAttention extends Layer {

    private static final double EPSILON = 1e-6;

    private final AttentionForm form;
    private final Positions positions;
    private final Layer query;
    private final Layer key;
    private final Layer value;
    private final Layer joint;
    private final Layer output;
    private final Layer queryNorm;
    private final Layer keyNorm;
    private AttentionCore core;
    private Supplier<KeyValuePrefix> prefix = () -> null;

    /// @param positions shared by the layers of a model, whose maker registers them where they are learned; not
    /// used
    ///     where the scheme is one of positions per layer
    /// @param weight how the maps to queries, keys and values begin
    /// @param outputWeight how the last map begins
    public MultiHeadAttention(
            AttentionForm form,
            Positions positions,
            AttentionNames names,
            Initializer weight,
            Initializer outputWeight,
            RandomStream random) {
        this.form = form;
        AttentionForm.Choices choices = form.choices();
        this.positions = choices.positions().perLayer()
                ? learned("rel_pos", choices.positions().make(form, 0, random.split("rel_pos")))
                : positions;
        long n = form.width();
        long all = form.heads() * form.headWidth();
        long some = form.keyHeads() * form.headWidth();
        boolean separate = names.joint() == null;
        Initializer zero = choices.inputBias() ? Initializer.constant(0) : null;
        query = separate ? map(names.query(), n, all, zero, weight, random) : null;
        key = separate ? map(names.key(), n, some, zero, weight, random) : null;
        value = separate ? map(names.value(), n, some, zero, weight, random) : null;
        joint = separate ? null : stored(names.joint(), n, all + 2 * some, choices.inputBias(), weight, random);
        output = separate
                ? map(
                        names.output(),
                        all,
                        n,
                        choices.outputBias() ? Initializer.constant(0) : null,
                        outputWeight,
                        random)
                : stored(names.output(), all, n, choices.outputBias(), outputWeight, random);
        queryNorm = norm(names.queryNorm(), choices.norm().make(form.heads(), form.headWidth(), EPSILON));
        keyNorm = norm(names.keyNorm(), choices.norm().make(form.keyHeads(), form.headWidth(), EPSILON));
        core = new SoftmaxCore(choices.scale(), choices.softCap());
    }

    private Layer map(String name, long in, long out, Initializer bias, Initializer weight, RandomStream random) {
        return child(name, new Linear(in, out, bias, weight, random.split(name)));
    }

    private Layer stored(String name, long in, long out, boolean bias, Initializer weight, RandomStream random) {
        return child(name, new TransposedLinear(in, out, bias, weight, random.split(name)));
    }

    private Layer norm(String name, Layer made) {
        return made == null ? null : child(name, made);
    }

    /// The sizes and choices.
    public AttentionForm form() {
        return form;
    }

    /// Puts another computation in the place of the softmax over scores, such as one with other gradients.
    public void use(AttentionCore other) {
        core = other;
    }

    /// Lets all queries see further keys and values first, computed anew at every pass, until the hook is removed.
    public GradientHook prepend(Supplier<KeyValuePrefix> further) {
        Supplier<KeyValuePrefix> before = prefix;
        prefix = further;
        return () -> prefix = before;
    }

    @Override
    protected Tensor forward(Tensor x) {
        return attend(x, causal());
    }

    private AttentionMask causal() {
        return new AttentionMask(true, form.choices().window(), null, null);
    }

    /// Self-attention over what `mask` leaves visible.
    public Tensor attend(Tensor x, AttentionMask mask) {
        require(x);
        return joined(attended(projected(x).turned(positions, 0), mask));
    }

    /// What this layer reads of a memory, to be attended to again and again. `[b, s, n] →` keys and values
    public Memory read(Tensor memory) {
        require(memory);
        if (joint != null) {
            throw new IllegalArgumentException("attention: one joint map cannot read a memory; use separate maps");
        }
        return new Memory(
                split(key.apply(memory), form.keyHeads(), keyNorm), split(value.apply(memory), form.keyHeads(), null));
    }

    /// Attention to a memory, whose places are no positions. `x [b, t, n] → [b, t, n]`
    public Tensor attend(Tensor x, Memory memory, AttentionMask mask) {
        require(x);
        Tensor q = split(query.apply(x), form.heads(), queryNorm);
        return joined(core.attend(q, memory.k, memory.v, null, mask));
    }

    /// Keys and values of a memory.
    ///
    /// @param k `[b, g, s, d]`
    /// @param v `[b, g, s, d]`
    public record Memory(Tensor k, Tensor v) {}

    private void require(Tensor x) {
        if (x.rank() != 3 || x.extent(2) != form.width()) {
            throw new ShapeMismatchException("attention: needs [b, t, " + form.width() + "], got " + x.shape());
        }
    }

    /// How much each position takes of each in causal self-attention, averaged over the heads: what the layer
    /// computes
    /// with but never holds, so this costs the scores again and the memory for them. `x [b, t, n] → [b, t, t]`
    public Tensor meanWeights(Tensor x) {
        require(x);
        Heads heads = projected(x).turned(positions, 0);
        return core.weights(heads.q, heads.k, bias(heads), causal()).mean(1);
    }

    private record Heads(Tensor q, Tensor k, Tensor v) {
        Heads turned(Positions positions, long from) {
            return new Heads(positions.turn(q, from), positions.turn(k, from), v);
        }

        Heads behind(KeyValuePrefix before) {
            long rows = q.extent(0);
            return new Heads(q, Concat.concat(2, before.keysFor(rows), k), Concat.concat(2, before.valuesFor(rows), v));
        }

        Heads row(int i) {
            return new Heads(q.slice(0, i, i + 1), k.slice(0, i, i + 1), v.slice(0, i, i + 1));
        }
    }

    /// Attention of heads that are turned.
    private Tensor attended(Heads heads, AttentionMask mask) {
        Tensor bias = bias(heads);
        KeyValuePrefix before = prefix.get();
        if (before == null) {
            return attended(heads, bias, mask);
        }
        AttentionMask behind = mask.behind(before.length(), heads.q.extent(2), heads.k.extent(2));
        return attended(heads.behind(before), before.before(bias), behind);
    }

    private Tensor bias(Heads heads) {
        return positions instanceof ContextualPositions contextual
                ? contextual.bias(heads.q, heads.k)
                : positions.bias(heads.q, heads.k.extent(2));
    }

    private Tensor attended(Heads heads, Tensor bias, AttentionMask mask) {
        Tensor attended = core.attend(heads.q, heads.k, heads.v, bias, mask);
        return positions instanceof ContextualPositions contextual && contextual.addsToValues()
                ? attended.add(contextual.of(core.weights(heads.q, heads.k, bias, mask)))
                : attended;
    }

    /// Causal self-attention of positions that follow those in `caches`, one for each row of `x`, which remember
    /// these
    /// too.
    public Tensor extend(Tensor x, List<KeyValueCache> caches) {
        require(x);
        Heads heads = projected(x);
        Tensor[] rows = new Tensor[caches.size()];
        for (int i = 0; i < rows.length; i++) {
            KeyValueCache cache = caches.get(i);
            Heads row = heads.row(i).turned(positions, cache.length());
            cache.append(row.k, row.v);
            rows[i] = attended(row.q, cache);
        }
        return joined(Concat.concat(0, rows));
    }

    private Tensor attended(Tensor q, KeyValueCache cache) {
        boolean plain = prefix.get() == null && !(positions instanceof ContextualPositions);
        if (plain && core instanceof SoftmaxCore softmax) {
            Tensor bias = positions.bias(q, cache.held());
            return cache.attend(q, softmax.operation(bias, causal()), bias);
        }
        return attended(new Heads(q, cache.keys(), cache.values()), causal());
    }

    /// Queries, keys and values, before positions.
    private Heads projected(Tensor x) {
        if (joint == null) {
            return new Heads(
                    split(query.apply(x), form.heads(), queryNorm),
                    split(key.apply(x), form.keyHeads(), keyNorm),
                    split(value.apply(x), form.keyHeads(), null));
        }
        long all = form.heads() * form.headWidth();
        long some = form.keyHeads() * form.headWidth();
        Tensor together = joint.apply(x);
        return new Heads(
                split(together.slice(-1, 0, all), form.heads(), queryNorm),
                split(together.slice(-1, all, all + some), form.keyHeads(), keyNorm),
                split(together.slice(-1, all + some, all + 2 * some), form.keyHeads(), null));
    }

    /// `[b, h, t, d] → [b, t, n]`
    private Tensor joined(Tensor heads) {
        Tensor joined = heads.transpose(1, 2);
        return output.apply(joined.reshape(joined.extent(0), joined.extent(1), form.heads() * form.headWidth()));
    }

    /// `[b, t, h·d] → [b, h, t, d]`, normalised where there is a norm.
    private Tensor split(Tensor x, long heads, Layer norm) {
        boolean whole = norm != null && !form.choices().norm().isPerHead();
        Tensor y = (whole ? norm.apply(x) : x).reshape(x.extent(0), x.extent(1), heads, form.headWidth());
        return (norm == null || whole ? y : norm.apply(y)).transpose(1, 2);
    }
}
