package org.lehr.engine.nn.transformer;

import java.util.List;
import java.util.function.UnaryOperator;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.KeyValueCache;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.attention.AttentionMask;
import org.lehr.engine.nn.attention.MultiHeadAttention;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Attention and a feed-forward layer around a stream. Applied to a sequence alone, no position sees a later one.
/// `x [b, t, n] → [b, t, n]`
public final class TransformerBlock extends Layer {

    private final boolean parallel;
    private final MultiHeadAttention attention;
    private final Mlp mlp;
    private final Residual aroundAttention;
    private final Residual aroundMlp;

    /// @param positions shared by the blocks of a model
    /// @param weight how most weights begin
    /// @param output how the last map of each part begins
    public TransformerBlock(
            BlockForm form, Positions positions, Initializer weight, Initializer output, RandomStream random) {
        BlockNames names = form.names();
        long width = form.attention().width();
        NormPlacement placement = form.placement();
        boolean shared = form.parallel() && names.mlpNorm() == null;
        parallel = form.parallel();
        Layer attentionNorm = norm(form, placement.before(), names.attentionNorm());
        attention = child(
                names.attention(),
                new MultiHeadAttention(
                        form.attention(),
                        positions,
                        names.inAttention(),
                        weight,
                        output,
                        random.split(names.attention())));
        Layer attentionPost = norm(form, placement.after(), names.attentionPost());
        Layer mlpNorm = norm(form, placement.before() && !shared, names.mlpNorm());
        Mlp made = new Mlp(width, form.mlp(), names.inMlp(), weight, output, random.split("mlp"));
        mlp = names.mlp() == null ? unnamed("mlp", made) : child(names.mlp(), made);
        Layer mlpPost = norm(form, placement.after(), names.mlpPost());
        Dropout dropout = child("dropout", new Dropout(form.dropout(), random.split("dropout")));
        aroundAttention = new Residual(placement, attentionNorm, attentionPost, dropout, form.branchScale());
        aroundMlp = new Residual(placement, shared ? attentionNorm : mlpNorm, mlpPost, dropout, form.branchScale());
    }

    private Layer norm(BlockForm form, boolean wanted, String name) {
        return wanted ? child(name, form.norm().make(form.attention().width())) : null;
    }

    /// The attention layer.
    public MultiHeadAttention attention() {
        return attention;
    }

    @Override
    protected Tensor forward(Tensor x) {
        return around(x, attention::apply);
    }

    /// The same where queries see what `mask` leaves visible.
    public Tensor apply(Tensor x, AttentionMask mask) {
        return around(x, normed -> attention.attend(normed, mask));
    }

    /// The same for positions that follow those in `caches`, one for each row, which remember these too.
    public Tensor extend(Tensor x, List<KeyValueCache> caches) {
        return around(x, normed -> attention.extend(normed, caches));
    }

    private Tensor around(Tensor x, UnaryOperator<Tensor> attend) {
        if (parallel) {
            return x.add(aroundAttention.branch(x, attend)).add(aroundMlp.branch(x, mlp::apply));
        }
        return aroundMlp.around(aroundAttention.around(x, attend), mlp::apply);
    }
}
