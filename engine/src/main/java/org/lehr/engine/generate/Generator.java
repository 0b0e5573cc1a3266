package org.lehr.engine.generate;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.lehr.engine.nn.Decoding;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Continues sequences token by token. The model sees the last tokens that fit its context.
///
/// Each sequence draws from the same random numbers, as if it were alone: what becomes of a prompt does not depend on
/// the others in the batch.
public final class Generator {

    /// What decides about the next token.
    ///
    /// @param processors change the scores, in their order, before sampling
    /// @param sampling chooses by the changed scores
    /// @param stops tokens that end a sequence; they belong to it
    public record Form(List<LogitProcessor> processors, Sampling sampling, Set<Integer> stops) {

        public Form {
            processors = List.copyOf(processors);
            stops = Set.copyOf(stops);
        }

        /// Sampling and nothing else.
        public static Form of(Sampling sampling) {
            return new Form(List.of(), sampling, Set.of());
        }

        /// The processed scores.
        float[] process(int[] tokens, int prompt, float[] scores) {
            float[] result = scores;
            for (LogitProcessor processor : processors) {
                result = processor.apply(tokens, prompt, result);
            }
            return result;
        }
    }

    /// Told every new token as it is chosen.
    @FunctionalInterface
    public interface Listener {

        /// @param sequence which prompt it continues
        /// @return whether the sequence is to go on
        boolean accept(int sequence, int token);
    }

    private final LanguageModel model;
    private final Form form;
    private final RandomStream random;

    public Generator(LanguageModel model, Form form, RandomStream random) {
        this.model = model;
        this.form = form;
        this.random = random;
    }

    public Generator(LanguageModel model, Sampling sampling, RandomStream random) {
        this(model, Form.of(sampling), random);
    }

    /// Appends `count` tokens to `prompt`, or less when one of them ends it, and returns both.
    ///
    /// @param prompt at least one token
    /// @param each told every new token as it is chosen
    public int[] extend(int[] prompt, int count, IntConsumer each) {
        return extend(List.of(prompt), count, (sequence, token) -> {
                    each.accept(token);
                    return true;
                })
                .getFirst();
    }

    /// Does so for several prompts at once, which may be of different lengths.
    public List<int[]> extend(List<int[]> prompts, int count, Listener each) {
        prompts.forEach(prompt -> require(model, prompt, count));
        return inUse(model, () -> run(prompts, count, each));
    }

    private List<int[]> run(List<int[]> prompts, int count, Listener each) {
        int[][] texts = prompts.stream().map(int[]::clone).toArray(int[][]::new);
        double[] uniform = uniform(count);
        int[] running = IntStream.range(0, texts.length).toArray();
        Decoding decoding = running.length == 0 || count == 0 ? null : model.decode(prompts);
        for (int step = 0; step < count && running.length > 0; step++) {
            float[][] scores = decoding.scores();
            boolean[] goesOn = new boolean[running.length];
            for (int row = 0; row < running.length; row++) {
                int sequence = running[row];
                int[] seen = texts[sequence];
                int prompt = prompts.get(sequence).length;
                int token = form.sampling.choose(form.process(seen, prompt, scores[row]), uniform[step]);
                texts[sequence] = Arrays.copyOf(seen, seen.length + 1);
                texts[sequence][seen.length] = token;
                goesOn[row] = each.accept(sequence, token) && !form.stops.contains(token);
            }
            int[] left = IntStream.range(0, running.length)
                    .filter(row -> goesOn[row])
                    .toArray();
            if (left.length < running.length) {
                decoding.select(left);
                int[] all = running;
                running = Arrays.stream(left).map(row -> all[row]).toArray();
            }
            if (step + 1 < count && running.length > 0) {
                decoding.append(Arrays.stream(running)
                        .map(sequence -> texts[sequence][texts[sequence].length - 1])
                        .toArray());
            }
        }
        return List.of(texts);
    }

    private double[] uniform(int count) {
        try (var _ = Scope.open()) {
            return random.uniform(DType.FLOAT64, count).toDoubleArray();
        }
    }

    static void require(LanguageModel model, int[] prompt, int count) {
        if (prompt.length == 0 || count < 0) {
            throw new IllegalArgumentException("generate: needs a prompt of at least one token and a count of at least"
                    + " 0, got " + prompt.length + " and " + count);
        }
        for (int token : prompt) {
            if (token < 0 || token >= model.vocabulary()) {
                throw new IllegalArgumentException(
                        "generate: the prompt has token " + token + ", expected 0 to " + (model.vocabulary() - 1));
            }
        }
    }

    /// Runs `work` with the model behaving as in use.
    static <T> T inUse(LanguageModel model, Supplier<T> work) {
        boolean training = model.module().isTraining();
        model.module().train(false);
        try {
            return work.get();
        } finally {
            model.module().train(training);
        }
    }
}
