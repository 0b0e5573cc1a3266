package org.lehr.engine.nn.hybrid;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.SequenceLM;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Zamba and Zamba2 (Glorioso et al. 2024): a backbone of state-space mixers, and before some of its layers one and the
/// same attention block ([SharedBlock]), or a few in turn, whose answer passes a map of that layer's own and enters the
/// mixer, but not the stream. The head is the embedding; names are those of the public checkpoints of Zamba, or of
/// Zamba2 where places change their block.
/// `tokens int [b, t] → logits [b, t, vocabulary]`, for any `t`
///
/// @param <S> the state of a mixer
public final class ZambaLM<S> extends SequenceLM<ZambaLM.State<S>> {

    /// Where nothing is added to what a block makes, weights of a fixed size would let narrow blocks say next to
    /// nothing;
    /// at the width of Zamba-7B these are as large as its own.
    private static final Initializer WEIGHT = (dtype, shape, random) ->
            Initializer.normal(1 / Math.sqrt(shape.extent(1))).make(dtype, shape, random);

    private final ZambaForm<S> form;
    private final Embedding embedding;
    private final List<MixerLayer<S>> layers = new ArrayList<>();
    private final List<Linear> maps = new ArrayList<>();
    private final List<SharedBlock> blocks = new ArrayList<>();
    private final RmsNorm norm;

    /// What a model knows of the past.
    ///
    /// @param mixers the state of each layer's mixer
    /// @param attention what each site has seen
    public record State<S>(List<S> mixers, List<KeyValues> attention) {}

    public ZambaLM(ZambaForm<S> form, RandomStream random) {
        super("zamba", form.vocabulary(), form.context());
        this.form = form;
        long width = form.block().width();
        String block = form.block().rank() == 0 ? "shared_transf" : "shared_transformer";
        embedding = child(
                "model.embed_tokens",
                new Embedding(form.vocabulary(), width, Initializer.normal(0.02), random.split("embed_tokens")));
        for (int i = 0; i < form.layers(); i++) {
            String name = "model.layers." + i;
            RandomStream inLayer = random.split("layers").split(i);
            MixerLayer<S> layer = new MixerLayer<>(width, form.mixer().mixer(form.layers(), inLayer.split("mamba")));
            int site = form.sites().indexOf(i);
            layers.add(child(site < 0 ? name : name + ".mamba_decoder", layer));
            if (site >= 0) {
                maps.add(child(name + ".linear", new Linear(width, width, null, WEIGHT, inLayer.split("linear"))));
            }
            if (site >= 0 && site < form.blocks()) {
                SharedBlock shared = new SharedBlock(
                        form.block(),
                        form.callers(site),
                        WEIGHT,
                        random.split("blocks").split(site));
                blocks.add(child(name + "." + block, shared));
            }
        }
        norm = child("model.final_layernorm", new RmsNorm(width, 1e-5));
    }

    private SharedBlock block(int site) {
        return blocks.get(site % blocks.size());
    }

    @Override
    public State<S> start(long batch) {
        List<KeyValues> attention = new ArrayList<>();
        for (int site = 0; site < maps.size(); site++) {
            attention.add(block(site).start(batch));
        }
        return new State<>(layers.stream().map(layer -> layer.start(batch)).toList(), List.copyOf(attention));
    }

    /// Layer `layer` on the stream, with what attention says or null.
    private interface Mixing {
        Tensor apply(int layer, Tensor x, Tensor said);
    }

    /// What site `site` hears of its block.
    private interface Asking {
        Tensor apply(int site, Tensor x, Tensor embeddings);
    }

    @Override
    public Step<State<S>> run(Tensor tokens, State<S> before) {
        List<S> mixers = new ArrayList<>();
        List<KeyValues> attention = new ArrayList<>();
        Asking asking = (site, x, first) -> {
            Step<KeyValues> step = block(site).run(x, first, site, before.attention.get(site));
            attention.add(step.state());
            return step.y();
        };
        Mixing mixing = (i, x, said) -> {
            Step<S> step = layers.get(i).run(x, said, before.mixers.get(i));
            mixers.add(step.state());
            return step.y();
        };
        Tensor y = pass(tokens, asking, mixing);
        return new Step<>(y, new State<>(List.copyOf(mixers), List.copyOf(attention)));
    }

    @Override
    protected Tensor forward(Tensor tokens) {
        long batch = tokens.extent(0);
        Asking asking = (site, x, first) ->
                block(site).run(x, first, site, block(site).start(batch)).y();
        return pass(tokens, asking, (i, x, said) -> layers.get(i).apply(x, said));
    }

    private Tensor pass(Tensor tokens, Asking asking, Mixing mixing) {
        Tensor first = embedding.apply(tokens);
        Tensor x = first;
        int site = 0;
        for (int i = 0; i < layers.size(); i++) {
            Tensor said = null;
            if (site < maps.size() && form.sites().get(site) == i) {
                said = maps.get(site).apply(asking.apply(site, x, first));
                site++;
            }
            x = mixing.apply(i, x, said);
        }
        return embedding.scores(norm.apply(x));
    }

    @Override
    public double flopsPerToken() {
        double again = 0;
        for (int site = blocks.size(); site < maps.size(); site++) {
            again += block(site).parameterCount();
        }
        double attention = 12.0 * maps.size() * form.context() * form.block().width();
        return 6 * (parameterCount() + again)
                + attention
                + 3 * form.layers() * form.mixer().recurrenceFlops();
    }
}
