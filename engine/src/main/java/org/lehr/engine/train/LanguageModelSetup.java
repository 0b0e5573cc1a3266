package org.lehr.engine.train;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import org.lehr.engine.data.BigramModel;
import org.lehr.engine.data.ByteTokenizer;
import org.lehr.engine.data.Corpus;
import org.lehr.engine.data.DataException;
import org.lehr.engine.data.JdkSources;
import org.lehr.engine.data.Split;
import org.lehr.engine.data.TextBatches;
import org.lehr.engine.data.TokenBatch;
import org.lehr.engine.data.TokenStream;
import org.lehr.engine.data.Tokenizer;
import org.lehr.engine.data.ValidationBatches;
import org.lehr.engine.distributed.Communicator;
import org.lehr.engine.distributed.Replicas;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.OptimizerSpec;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.control.ControlSpec;
import org.lehr.engine.schedule.control.Controlled;
import org.lehr.engine.train.run.MetricNames;

/// The parts of a language-model run, made from its configuration: the same configuration gives the same parts.
public final class LanguageModelSetup {

    private static final String JDK = "jdk";
    // Language models do better with a shorter memory of squares than Adam's usual 0.999.
    private static final Pattern ADAM = Pattern.compile("(.*\\+)?adamw?(:.*)?");
    private static final Schedule ADAM_BETA2 = new Constant(0.95);
    private static final int SAMPLE_PROMPT = 64;
    // In the sources of JDK 25 this is the body of a method, where what follows shows most of the language.
    private static final double SAMPLE_PLACE = 0.3;

    private final RunConfig config;
    private final Corpus corpus;
    private final Tokenizer tokenizer;
    private final TokenStream training;
    private final TokenStream heldOut;
    private final LanguageModel model;

    /// Makes the tokenizer as configured.
    ///
    /// @throws org.lehr.engine.data.DataException when the text or the tokenizer cannot be read, or the text is too
    ///     short
    public LanguageModelSetup(RunConfig config) {
        this(config, RunTokenizer.known(config.data().tokenizer()));
    }

    /// Takes the tokenizer of an earlier part of the run.
    public LanguageModelSetup(RunConfig config, Tokenizer tokenizer) {
        this(config, Optional.of(tokenizer));
    }

    /// Reads the text and, where the vocabulary is known already, makes the model meanwhile.
    private LanguageModelSetup(RunConfig config, Optional<Tokenizer> known) {
        this.config = config;
        corpus = corpusAt(config.data().source());
        FutureTask<Texts> reading =
                new FutureTask<>(() -> Texts.read(corpus, config.data().tokenizer(), known));
        Thread.ofPlatform().daemon().name("lehr-text").start(reading);
        tokenizer = known.orElseGet(() -> texts(reading).tokenizer);
        model = LanguageModels.make(config, tokenizer.vocabularySize());
        Texts texts = texts(reading);
        training = texts.training;
        heldOut = texts.heldOut;
    }

    /// The two sides of a corpus.
    private record Texts(Tokenizer tokenizer, TokenStream training, TokenStream heldOut) {
        static Texts read(Corpus corpus, String name, Optional<Tokenizer> known) {
            Split split = Split.of(corpus.documents());
            Tokenizer tokenizer = known.orElseGet(() -> RunTokenizer.learn(name, split.train()));
            return new Texts(
                    tokenizer, TokenStream.of(split.train(), tokenizer), TokenStream.of(split.validation(), tokenizer));
        }
    }

    private static Texts texts(FutureTask<Texts> reading) {
        try {
            return reading.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Error error -> throw error;
                case RuntimeException problem -> throw problem;
                case Throwable other -> throw new DataException("cannot read the text: " + other.getMessage(), other);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DataException("interrupted while reading the text", e);
        }
    }

    /// What `--data` names: the sources of the running JDK for `jdk`, else the text at a path.
    public static Corpus corpusAt(String source) {
        return JDK.equals(source) ? JdkSources.ofRunningJdk() : Corpus.at(Path.of(source));
    }

    public Corpus corpus() {
        return corpus;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    public LanguageModel model() {
        return model;
    }

    public TokenStream training() {
        return training;
    }

    public TokenStream heldOut() {
        return heldOut;
    }

    /// A trainer at step 0.
    public Trainer<TokenBatch> trainer() {
        return trainer(0, 1, null);
    }

    /// The trainer of one rank at step 0, which takes its share of each batch.
    ///
    /// @throws IllegalArgumentException when the ranks do not divide the batch, or the optimizer wants more than
    ///     gradients
    public Trainer<TokenBatch> trainer(Communicator ranks) {
        int batch = config.optimization().batch();
        if (batch % ranks.size() != 0) {
            throw new IllegalArgumentException(
                    "train: a batch of " + batch + " sequences has no equal shares for " + ranks.size() + " ranks");
        }
        return trainer(ranks.rank(), ranks.size(), new Replicas(ranks, model.module()));
    }

    private Trainer<TokenBatch> trainer(int rank, int ranks, Replicas replicas) {
        RunConfig.Optimization form = config.optimization();
        TextBatches batches =
                new TextBatches(training, form.batch(), config.model().context(), config.seed());
        Controlled rate = ControlSpec.parse(form.schedule()).build(form.steps(), form.learningRate(), form.warmup());
        return new Trainer<>(
                model.module(),
                new LanguageModeling(model, batches, rank, ranks),
                optimizer(rate.schedule()),
                new Trainer.Form(1, form.clip()),
                rate.listener(),
                replicas);
    }

    private Optimizer optimizer(Schedule rate) {
        RunConfig.Optimization form = config.optimization();
        Map<String, Schedule> given = new HashMap<>();
        given.put("rate", rate);
        given.put("weightDecay", new Constant(form.weightDecay()));
        if (ADAM.matcher(form.optimizer()).matches()) {
            given.put("beta2", ADAM_BETA2);
        }
        List<ParameterGroup> groups = List.of(
                ParameterGroup.where(model.module(), (path, parameter) -> parameter.decays()),
                ParameterGroup.where(model.module(), (path, parameter) -> !parameter.decays())
                        .withWeightDecayFactor(0));
        return OptimizerSpec.parse(form.optimizer(), given).over(groups);
    }

    /// The held-out windows that validations look at, always the same.
    public ValidationBatches validation() {
        int context = config.model().context();
        int limit = Math.max(1, config.data().validationTokens() / context);
        return new ValidationBatches(heldOut, config.optimization().batch(), context, limit);
    }

    /// The loss on the held-out windows in nats per token, and in bits per byte.
    public SequencedMap<String, Double> validate() {
        double loss = LanguageModeling.evaluate(model, validation());
        SequencedMap<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(MetricNames.VALIDATION_LOSS, loss);
        metrics.put(MetricNames.BITS_PER_BYTE, bitsPerByte(loss));
        return metrics;
    }

    /// A piece of held-out text for a sample to go on from.
    public int[] samplePrompt() {
        int[] prompt = new int[Math.min(SAMPLE_PROMPT, heldOut.size() / 2)];
        heldOut.copy((int) (heldOut.size() * SAMPLE_PLACE), prompt, 0, prompt.length);
        return prompt;
    }

    /// Bits per byte of held-out text for a loss in nats per token.
    public double bitsPerByte(double loss) {
        return LanguageModeling.bitsPerByte(loss, heldOut);
    }

    /// Bits per byte that a bigram model of the same text in bytes reaches on the held-out part.
    public double bigramBitsPerByte() {
        Texts bytes = tokenizer instanceof ByteTokenizer
                ? new Texts(tokenizer, training, heldOut)
                : Texts.read(corpus, RunTokenizer.BYTE, Optional.of(new ByteTokenizer()));
        return BigramModel.fit(bytes.training).bitsPerToken(bytes.heldOut)
                * bytes.heldOut.size()
                / bytes.heldOut.bytes();
    }
}
