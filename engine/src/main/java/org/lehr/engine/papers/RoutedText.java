package org.lehr.engine.papers;

import java.util.List;
import org.lehr.engine.data.ByteTokenizer;
import org.lehr.engine.data.JdkSources;
import org.lehr.engine.data.TextBatches;
import org.lehr.engine.data.TokenBatch;
import org.lehr.engine.data.TokenStream;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.moe.RoutingTrace;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.train.LanguageModeling;
import org.lehr.engine.train.LanguageModels;
import org.lehr.engine.train.RunConfig;
import org.lehr.engine.train.Trainer;

/// What routers choose while a small mixture of experts learns the sources of the running JDK.
///
/// @param layers blocks, each with a mixture
/// @param experts of a mixture, two of which a token has
/// @param sequences of a batch, of 64 tokens each
public record RoutedText(int layers, int experts, int sequences) {

    private static final int CONTEXT = 64;
    private static final int WIDTH = 32;
    private static final double RATE = 1e-3;
    private static final double DECAY = 0.01;
    private static final long TEXT_BYTES = 1 << 18;

    /// The choices of so many steps from the first one on.
    public RoutingTrace trace(int steps, long seed) {
        ByteTokenizer tokenizer = new ByteTokenizer();
        JdkSources all = JdkSources.ofRunningJdk();
        TokenStream text = TokenStream.of(
                new JdkSources(all.archive(), "java.base/java/util/", TEXT_BYTES).documents(), tokenizer);
        RunConfig.Model form = new RunConfig.Model(
                "moe", layers, WIDTH, 2, 2, WIDTH, CONTEXT, 0, new RunConfig.Experts(experts, 2, 0, 1, "softmax"));
        LanguageModel model =
                LanguageModels.make(form, tokenizer.vocabularySize(), new RandomStream(seed).split("model"));
        Optimizer optimizer = new AdamW(List.of(ParameterGroup.all(model.module())), new Constant(RATE), DECAY);
        Trainer<TokenBatch> trainer = new Trainer<>(
                model.module(),
                new LanguageModeling(model, new TextBatches(text, sequences, CONTEXT, seed)),
                optimizer,
                Trainer.Form.DEFAULT);
        RoutingTrace trace = new RoutingTrace();
        try (GradientHook _ = trace.recordTraining(model.module())) {
            for (int step = 0; step < steps; step++) {
                trainer.step();
            }
        }
        return trace;
    }
}
