package org.lehr.engine.nn.moe;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.nn.AuxiliaryLoss;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Prediction;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.RotaryPositions;
import org.lehr.engine.nn.TransformerBlock;
import org.lehr.engine.nn.TransformerConfig;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// A decoder with mixtures of experts in all or some of its blocks, under the parameter names of Mixtral (experts
/// stacked, see [MixtralNames]). `tokens int [b, t] → logits [b, t, vocabulary]`
public final class MoeLM extends Module implements LanguageModel {

    private final TransformerConfig shape;
    private final Embedding embedding;
    private final List<Module> blocks;
    private final RmsNorm norm;
    private final Linear head;

    public MoeLM(MoeConfig config, RandomStream random) {
        shape = config.transformer();
        Initializer weight = Initializer.normal(shape.choices().initialDeviation());
        RotaryPositions positions = new RotaryPositions(shape.context(), shape.width() / shape.heads(), 10_000);
        embedding = child(
                "model.embed_tokens",
                new Embedding(shape.vocabulary(), shape.width(), weight, random.split("embed_tokens")));
        List<Module> made = new ArrayList<>();
        for (int i = 0; i < shape.layers(); i++) {
            RandomStream mine = random.split("layers").split(i);
            made.add(
                    config.hasMixture(i)
                            ? new MoeBlock(config, positions, mine)
                            : new TransformerBlock(shape, positions, mine));
        }
        blocks = children("model.layers", made);
        norm = child("model.norm", new RmsNorm(shape.width(), 1e-6));
        head = shape.choices().tied()
                ? null
                : child(
                        "lm_head",
                        new Linear(shape.width(), shape.vocabulary(), null, weight, random.split("lm_head")));
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
        Tensor logits = head != null
                ? head.apply(normed)
                : org.lehr.engine.tensor.op.Linear.linear(
                        normed, embedding.weight().value(), null);
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
