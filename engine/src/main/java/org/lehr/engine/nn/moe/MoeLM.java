package org.lehr.engine.nn.moe;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.nn.AuxiliaryLoss;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Prediction;
import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.nn.transformer.TransformerBlock;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// A decoder with mixtures of experts in all or some of its blocks, under the parameter names of Mixtral (experts
/// stacked, see [MixtralNames]). `tokens int [b, t] → logits [b, t, vocabulary]`
public final class MoeLM extends Module implements LanguageModel {

    private final TransformerConfig shape;
    private final Embedding embedding;
    private final List<Module> blocks;
    private final Layer norm;
    private final Linear head;

    public MoeLM(MoeConfig config, RandomStream random) {
        shape = config.transformer();
        Initializer weight = shape.initial().weight();
        Initializer output = shape.initial().output(shape.layers());
        Positions positions = positions(random.split("positions"));
        embedding = child(
                "model.embed_tokens",
                new Embedding(shape.vocabulary(), shape.width(), weight, random.split("embed_tokens")));
        List<Module> made = new ArrayList<>();
        for (int i = 0; i < shape.layers(); i++) {
            RandomStream mine = random.split("layers").split(i);
            made.add(
                    config.hasMixture(i)
                            ? new MoeBlock(config, positions, mine)
                            : new TransformerBlock(shape.block(), positions, weight, output, mine));
        }
        blocks = children("model.layers", made);
        norm = child("model.norm", shape.block().norm().make(shape.width()));
        head = shape.head().tied()
                ? null
                : child(
                        "lm_head",
                        new Linear(shape.width(), shape.vocabulary(), null, weight, random.split("lm_head")));
    }

    private Positions positions(RandomStream random) {
        AttentionForm attention = shape.block().attention();
        return learned(
                "model.embed_positions", attention.choices().positions().make(attention, shape.context(), random));
    }

    @Override
    public Prediction predict(Tensor tokens) {
        if (tokens.rank() != 2 || tokens.extent(1) > shape.context()) {
            throw new IllegalArgumentException(
                    "moe: tokens must be [b, t] with t at most " + shape.context() + ", got " + tokens.shape());
        }
        Tensor x = embedding.apply(tokens);
        List<AuxiliaryLoss> losses = new ArrayList<>();
        for (Module block : blocks) {
            switch (block) {
                case MoeBlock sparse -> {
                    MixtureOfExperts.Mixed mixed = sparse.mix(x, tokens);
                    x = mixed.y();
                    losses.addAll(mixed.losses());
                }
                case TransformerBlock dense -> x = dense.apply(x);
                default -> throw new IllegalStateException("moe: no block: " + block);
            }
        }
        Tensor normed = norm.apply(x);
        Tensor logits = head != null ? head.apply(normed) : embedding.scores(normed);
        return new Prediction(logits, losses);
    }

    @Override
    public Tensor logits(Tensor tokens) {
        return predict(tokens).logits();
    }

    @Override
    public long context() {
        return shape.context();
    }

    @Override
    public long vocabulary() {
        return shape.vocabulary();
    }

    @Override
    public Module module() {
        return this;
    }

    @Override
    public double flopsPerToken() {
        double products = parameterCount() - (head == null ? 0 : shape.vocabulary() * shape.width());
        for (Module block : blocks) {
            products -= block instanceof MoeBlock sparse ? sparse.idleParameters() : 0;
        }
        double attention = 6.0 * shape.layers() * shape.context() * shape.width();
        return 6 * products + attention;
    }
}
