package org.lehr.engine.nn.transformer;

import java.util.List;
import java.util.function.UnaryOperator;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.KeyValueCache;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.attention.AttentionMask;
import org.lehr.engine.nn.attention.MultiHeadAttention;
import org.lehr.engine.nn.attention.MultiHeadAttention.Memory;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Causal self-attention, attention to what an encoder made of another sequence, and a feed-forward layer (Vaswani et
/// al.
/// 2017). `x [b, t, n] → [b, t, n]`
public final class DecoderBlock extends Module {

    /// What the parts around the memory are called in checkpoints.
    ///
    /// @param norm before attention to the memory
    /// @param attention to the memory
    /// @param post the norm behind it
    public record CrossNames(String norm, String attention, String post) {}

    private final MultiHeadAttention self;
    private final MultiHeadAttention cross;
    private final Mlp mlp;
    private final Residual aroundSelf;
    private final Residual aroundCross;
    private final Residual aroundMlp;

    /// @param form of all parts, which must not be parallel
    /// @param positions of self-attention, shared by the blocks of a model
    /// @param weight how most weights begin
    /// @param output how the last map of each part begins
    public DecoderBlock(
            BlockForm form,
            CrossNames crossNames,
            Positions positions,
            Initializer weight,
            Initializer output,
            RandomStream random) {
        if (form.parallel()) {
            throw new IllegalArgumentException("decoder block: its parts cannot be parallel");
        }
        BlockNames names = form.names();
        Dropout dropout = child("dropout", new Dropout(form.dropout(), random.split("dropout")));
        NormPlacement placement = form.placement();
        Layer selfNorm = norm(form, placement.before(), names.attentionNorm());
        self = child(
                names.attention(),
                new MultiHeadAttention(
                        form.attention(), positions, names.inAttention(), weight, output, random.split("self")));
        aroundSelf = residual(form, selfNorm, norm(form, placement.after(), names.attentionPost()), dropout);
        Layer crossNorm = norm(form, placement.before(), crossNames.norm);
        cross = child(
                crossNames.attention,
                new MultiHeadAttention(
                        form.attention(), Positions.NONE, names.inAttention(), weight, output, random.split("cross")));
        aroundCross = residual(form, crossNorm, norm(form, placement.after(), crossNames.post), dropout);
        Layer mlpNorm = norm(form, placement.before(), names.mlpNorm());
        mlp = child(
                names.mlp(),
                new Mlp(form.attention().width(), form.mlp(), names.inMlp(), weight, output, random.split("mlp")));
        aroundMlp = residual(form, mlpNorm, norm(form, placement.after(), names.mlpPost()), dropout);
    }

    private Layer norm(BlockForm form, boolean wanted, String name) {
        return wanted ? child(name, form.norm().make(form.attention().width())) : null;
    }

    private static Residual residual(BlockForm form, Layer before, Layer after, Layer dropout) {
        return new Residual(form.placement(), before, after, dropout, form.branchScale());
    }

    /// What the block reads of the encoder's output, once for all passes. `[b, s, n]`
    public Memory read(Tensor encoded) {
        return cross.read(encoded);
    }

    /// @param memory what [#read] gave
    /// @param padding true where a place of the memory is none, `bool [b, s]`; or null
    public Tensor apply(Tensor x, Memory memory, Tensor padding) {
        return around(x, self::apply, memory, padding);
    }

    /// The same for positions that follow those in `caches`, one for each row, which remember these too.
    public Tensor extend(Tensor x, Memory memory, Tensor padding, List<KeyValueCache> caches) {
        return around(x, normed -> self.extend(normed, caches), memory, padding);
    }

    private Tensor around(Tensor x, UnaryOperator<Tensor> attend, Memory memory, Tensor padding) {
        AttentionMask mask = padding == null ? AttentionMask.FULL : AttentionMask.FULL.padded(padding);
        Tensor attended = aroundSelf.around(x, attend);
        Tensor informed = aroundCross.around(attended, normed -> cross.attend(normed, memory, mask));
        return aroundMlp.around(informed, mlp::apply);
    }
}
