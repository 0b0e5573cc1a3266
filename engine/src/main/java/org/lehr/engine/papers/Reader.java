package org.lehr.engine.papers;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.data.TokenBatch;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.engine.train.Objective;
import org.lehr.engine.train.Trainer;

/// A language model that learns a made-up text, every batch of which is new; so the loss of training is also that on
/// fresh text.
public final class Reader implements Objective<TokenBatch> {

    private static final int TOKENS = 16;
    private static final int CONTEXT = 16;
    private static final int ROWS = 8;
    private static final int LAST = 50;
    private static final double NO_CLIP = Double.POSITIVE_INFINITY;

    private final LanguageModel model;
    private final MadeText text;
    private final int rows;
    private final RandomStream order;
    private final Trainer<TokenBatch> trainer;
    private long read;

    /// @param rows how many rows of the model's context a step sees
    /// @param order which ones
    public Reader(LanguageModel model, MadeText text, int rows, Optimizer optimizer, RandomStream order) {
        this.model = model;
        this.text = text;
        this.rows = rows;
        this.order = order;
        this.trainer = new Trainer<>(model.module(), this, optimizer, new Trainer.Form(1, NO_CLIP));
    }

    /// A small decoder that reads a text of 16 tokens, 8 rows of 16 at a time, from weights of deviation
    /// `1/√width`.
    public static Reader of(Sizes sizes, Recipe recipe, RandomStream random) {
        MadeText text = new MadeText(TOKENS, random.split("text"));
        TransformerConfig config = TransformerConfig.of(TOKENS, CONTEXT, sizes.layers, sizes.width, 2)
                .withInitial(new Initial(1 / Math.sqrt(sizes.width), false))
                .withBlock(block -> block.withPlacement(sizes.norms));
        TransformerLM model = new TransformerLM(config, random.split("model"));
        Optimizer optimizer = recipe.over(List.of(ParameterGroup.all(model)));
        return new Reader(model, text, ROWS, optimizer, random.split("order"));
    }

    /// Of a decoder.
    ///
    /// @param norms where they stand
    public record Sizes(int layers, long width, NormPlacement norms) {}

    /// What takes the steps.
    public Trainer<TokenBatch> trainer() {
        return trainer;
    }

    /// Takes some steps and returns the loss of each.
    public double[] learn(int steps) {
        double[] losses = new double[steps];
        for (int step = 0; step < steps; step++) {
            losses[step] = trainer.step().loss();
        }
        return losses;
    }

    /// The mean loss of the last of these steps.
    public static double end(double... losses) {
        return Arrays.stream(losses).skip(losses.length - LAST).average().orElseThrow();
    }

    @Override
    public TokenBatch next() {
        return text.batch(rows, Math.toIntExact(model.context()), order.split(read++));
    }

    @Override
    public Tensor loss(TokenBatch batch) {
        Tensor tokens = Tensor.of(batch.inputs(), batch.batch(), batch.context());
        return CrossEntropy.crossEntropy(model.logits(tokens), Tensor.of(batch.targets(), batch.tokens()));
    }

    @Override
    public long items(TokenBatch batch) {
        return batch.tokens();
    }

    @Override
    public SequencedMap<String, Long> place() {
        return new LinkedHashMap<>(Map.of("read", read));
    }

    @Override
    public void restore(Map<String, Long> place) {
        read = place.get("read");
    }
}
