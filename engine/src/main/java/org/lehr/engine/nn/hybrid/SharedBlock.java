package org.lehr.engine.nn.hybrid;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;

/// The block of Zamba (Glorioso et al. 2024) that several places call: of the stream `x` and the embeddings `x₀`
/// beside it, `mlp(norm(attention(norm([x ; x₀]))))`, without a residual connection. Queries, keys and values are as
/// wide as both together, and dot products count `1/√(d/2)` for heads of width `d`.
/// `x [b, t, n], x₀ [b, t, n] → [b, t, n]`
///
/// Where the rank is positive (Zamba2), each place has changes of low rank to the feed-forward layer and, if wanted, to
/// queries, keys and values. What a place remembers is its own.
public final class SharedBlock extends Module {

    private static final double EPSILON = 1e-5;
    private static final List<String> PROJECTIONS = List.of("q", "k", "v");

    private final RmsNorm inputNorm;
    private final CausalAttention attention;
    private final RmsNorm mlpNorm;
    private final Mlp mlp;
    private final AdaptedMlp adaptedMlp;
    private final Map<Integer, List<Sequential>> adapters = new TreeMap<>();

    /// The shape of a block.
    ///
    /// @param width n, width of the stream
    /// @param heads attention heads, a divisor of `2·width`
    /// @param hidden inner width of the feed-forward layer
    /// @param rotaryBase base of rotary positions, 0 for none
    /// @param rank of the changes that each place makes to the feed-forward layer, 0 for none
    /// @param attentionAdapted whether places also change queries, keys and values
    public record Form(long width, long heads, long hidden, double rotaryBase, long rank, boolean attentionAdapted) {

        public Form {
            if (width < 1 || heads < 1 || hidden < 1 || 2 * width % heads != 0) {
                throw new IllegalArgumentException("shared block: needs positive sizes and heads that divide twice the"
                        + " width, got width " + width + ", heads " + heads + ", hidden " + hidden);
            }
            if (rank < 0 || attentionAdapted && rank == 0) {
                throw new IllegalArgumentException("shared block: needs a rank of at least 0, and a positive one to"
                        + " change attention, got " + rank);
            }
        }

        /// As in Zamba: no positions, and the same weights at all places.
        public static Form of(long width, long heads, long hidden) {
            return new Form(width, heads, hidden, 0, 0, false);
        }

        private Mlp.Form mlp() {
            return new Mlp.Form(hidden, Activation.GELU, true, false);
        }

        private CausalAttention.Form attention() {
            long each = 2 * width / heads;
            return new CausalAttention.Form(2 * width, width, heads, heads, each, Math.sqrt(2.0 / each), rotaryBase);
        }
    }

    /// @param sites the numbers of the places that call it
    /// @param weight how weights begin
    SharedBlock(Form form, List<Integer> sites, Initializer weight, RandomStream random) {
        inputNorm = child("input_layernorm", new RmsNorm(2 * form.width(), EPSILON));
        attention =
                child("self_attn", new CausalAttention(form.attention(), weight, weight, random.split("self_attn")));
        mlpNorm = child("pre_ff_layernorm", new RmsNorm(form.width(), EPSILON));
        RandomStream inMlp = random.split("feed_forward");
        boolean adapted = form.rank() > 0;
        adaptedMlp = adapted ? child("feed_forward", new AdaptedMlp(form, sites, weight, inMlp)) : null;
        mlp = adapted
                ? null
                : child("feed_forward", new Mlp(form.width(), form.mlp(), Mlp.Names.LLAMA, weight, weight, inMlp));
        if (form.attentionAdapted()) {
            for (int site : sites) {
                adapters.put(
                        site,
                        attentionChanges(form, site, random.split("adapters").split(site)));
            }
        }
    }

    private List<Sequential> attentionChanges(Form form, int site, RandomStream random) {
        long wide = 2 * form.width();
        return PROJECTIONS.stream()
                .map(name -> child(
                        "self_attn.linear_" + name + "_adapter_list." + site,
                        AdaptedMlp.change(wide, form.rank(), wide, random.split(name))))
                .toList();
    }

    KeyValues start(long batch) {
        return attention.start(batch);
    }

    /// The block as place `site` calls it, after what that place has seen.
    Step<KeyValues> run(Tensor x, Tensor embeddings, int site, KeyValues before) {
        Tensor both = inputNorm.apply(Concat.concat(2, x, embeddings));
        CausalAttention.Projections p = attention.projections(both);
        List<Sequential> changes = adapters.get(site);
        if (changes != null) {
            p = new CausalAttention.Projections(
                    p.q().add(changes.get(0).apply(both)),
                    p.k().add(changes.get(1).apply(both)),
                    p.v().add(changes.get(2).apply(both)));
        }
        Step<KeyValues> attended = attention.attend(p, before);
        Tensor normed = mlpNorm.apply(attended.y());
        Tensor y = mlp == null ? adaptedMlp.apply(normed, site) : mlp.apply(normed);
        return new Step<>(y, attended.state());
    }
}
