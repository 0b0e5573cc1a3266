package org.lehr.engine.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.lehr.engine.train.RunConfig;
import org.lehr.engine.train.RunTokenizer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options of `lehr train` that decide what is computed. An option that is not given takes its value from
/// `--config`, and else its default.
final class RunOptions {

    @Option(
            names = "--data",
            paramLabel = "SOURCE",
            description = "What to learn: 'jdk' (the sources of the running JDK), a text file, a zip or a folder."
                    + " Default: jdk")
    private String data;

    @Option(
            names = "--tokenizer",
            paramLabel = "NAME",
            description = "What a token is: byte, char, bpe:N (N tokens, learnt from the text) or a tokenizer.json."
                    + " Default: byte")
    private String tokenizer;

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description =
                    "Architecture: transformer, moe, mamba, mamba2, mamba3, s4d, zamba, zamba2, hybrid or memmamba; lehr compare takes several with"
                            + " commas between. Default: mamba")
    private String arch;

    @Option(names = "--layers", paramLabel = "N", description = "Number of blocks. Default: 4")
    private Integer layers;

    @Option(names = "--width", paramLabel = "N", description = "Width of the stream. Default: 192")
    private Integer width;

    @Option(names = "--heads", paramLabel = "N", description = "Attention heads. Default: 6")
    private Integer heads;

    @Option(
            names = "--key-heads",
            paramLabel = "N",
            description = "Key and value heads, a divisor of --heads. Default: as many as --heads")
    private Integer keyHeads;

    @Option(
            names = "--hidden",
            paramLabel = "N",
            description = "Inner width of the feed-forward layers. Default: 8/3 of the width, rounded up to 32")
    private Integer hidden;

    @Option(names = "--dropout", paramLabel = "P", description = "Dropout probability. Default: 0")
    private Double dropout;

    @Option(names = "--context", paramLabel = "N", description = "Tokens of context. Default: 128")
    private Integer context;

    @Option(names = "--batch", paramLabel = "N", description = "Sequences per step. Default: 8")
    private Integer batch;

    @Option(names = "--steps", paramLabel = "N", description = "Training steps. Default: 1200")
    private Integer steps;

    @Option(
            names = "--optimizer",
            paramLabel = "SPEC",
            description = "Optimizer with options, and wrappers before it, such as adamw, lion:beta1=0.95 or"
                    + " lookahead:every=5+adam:state=block8; a name that there is not lists those there are."
                    + " Default: adamw")
    private String optimizer;

    @Option(
            names = "--schedule",
            paramLabel = "SPEC",
            description = "Learning-rate schedule, such as cosine or wsd:decay=0.3, and before it what listens to the"
                    + " run, such as plateau:patience=5+cosine or auto-lrs+constant; see lehr schedules."
                    + " Default: wsd:decay=0.4")
    private String schedule;

    @Option(names = "--learning-rate", paramLabel = "X", description = "Peak learning rate. Default: 0.005")
    private Double learningRate;

    @Option(names = "--warmup", paramLabel = "N", description = "Steps until the peak rate. Default: 5%% of the steps")
    private Integer warmup;

    @Option(names = "--weight-decay", paramLabel = "X", description = "Weight decay of matrices. Default: 0.1")
    private Double weightDecay;

    @Option(names = "--clip", paramLabel = "X", description = "Largest norm of the gradient. Default: 1")
    private Double clip;

    @Option(
            names = "--precision",
            paramLabel = "DTYPE",
            description = "Storage of parameters and activations: float32, bfloat16 or float64. Default: float32")
    private String precision;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of all randomness. Default: 1")
    private Long seed;

    @Option(
            names = "--validation-tokens",
            paramLabel = "N",
            description = "Held-out tokens that a validation looks at. Default: 65536")
    private Integer validationTokens;

    @Mixin
    private ExpertOptions experts;

    /// Whether any option was given.
    boolean anyGiven() {
        return experts.anyGiven()
                || Stream.of(
                                data,
                                arch,
                                layers,
                                width,
                                heads,
                                keyHeads,
                                hidden,
                                dropout,
                                context,
                                batch,
                                steps,
                                optimizer,
                                schedule,
                                learningRate,
                                warmup,
                                weightDecay,
                                clip,
                                precision,
                                seed,
                                validationTokens)
                        .anyMatch(Objects::nonNull);
    }

    /// These options over `base`, which may be null.
    RunConfig over(RunConfig base) {
        RunConfig.Model model = base == null ? null : base.model();
        RunConfig.Optimization optimization = base == null ? null : base.optimization();
        int w = pick(width, model == null ? null : model.width(), 192);
        int h = pick(heads, model == null ? null : model.heads(), 6);
        boolean reshaped = width != null || heads != null;
        int s = pick(steps, optimization == null ? null : optimization.steps(), 1200);
        return new RunConfig(
                pick(seed, base == null ? null : base.seed(), 1L),
                pick(precision, base == null ? null : base.precision(), "float32"),
                new RunConfig.Data(
                        source(pick(data, base == null ? null : base.data().source(), "jdk")),
                        pick(validationTokens, base == null ? null : base.data().validationTokens(), 65536),
                        tokenizer(pick(
                                tokenizer, base == null ? null : base.data().tokenizer(), RunTokenizer.BYTE))),
                new RunConfig.Model(
                        pick(arch, model == null ? null : model.arch(), "mamba"),
                        pick(layers, model == null ? null : model.layers(), 4),
                        w,
                        h,
                        pick(keyHeads, model == null || reshaped ? null : model.keyHeads(), h),
                        pick(hidden, model == null || reshaped ? null : model.hidden(), (w * 8 / 3 + 31) / 32 * 32),
                        pick(context, model == null ? null : model.context(), 128),
                        pick(dropout, model == null ? null : model.dropout(), 0.0),
                        experts.over(model == null ? RunConfig.Experts.DEFAULT : model.experts())),
                new RunConfig.Optimization(
                        pick(optimizer, optimization == null ? null : optimization.optimizer(), "adamw"),
                        pick(schedule, optimization == null ? null : optimization.schedule(), "wsd:decay=0.4"),
                        pick(learningRate, optimization == null ? null : optimization.learningRate(), 5e-3),
                        pick(warmup, optimization == null || steps != null ? null : optimization.warmup(), s / 20),
                        pick(weightDecay, optimization == null ? null : optimization.weightDecay(), 0.1),
                        pick(clip, optimization == null ? null : optimization.clip(), 1.0),
                        pick(batch, optimization == null ? null : optimization.batch(), 8),
                        s));
    }

    private static String source(String given) {
        return given.equals("jdk") ? given : absolute(given);
    }

    private static String tokenizer(String given) {
        return RunTokenizer.isFile(given) ? absolute(given) : given;
    }

    /// A path is made absolute, so that a run can be resumed from another folder.
    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize().toString();
    }

    private static <T> T pick(T given, T base, T usual) {
        return given != null ? given : base != null ? base : usual;
    }
}
