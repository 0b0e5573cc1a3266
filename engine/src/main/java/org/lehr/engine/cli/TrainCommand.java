package org.lehr.engine.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.lehr.engine.distributed.Communicator;
import org.lehr.engine.generate.Generator;
import org.lehr.engine.generate.Sampling;
import org.lehr.engine.nn.moe.Router;
import org.lehr.engine.nn.moe.RoutingTrace;
import org.lehr.engine.nn.moe.RoutingTraceFile;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.FollowingRun;
import org.lehr.engine.train.LanguageModelSetup;
import org.lehr.engine.train.RunConfig;
import org.lehr.engine.train.RunConfigJson;
import org.lehr.engine.train.RunTokenizer;
import org.lehr.engine.train.Trainer;
import org.lehr.engine.train.TrainingRun;
import org.lehr.engine.train.run.CheckpointFolder;
import org.lehr.engine.train.run.RankLog;
import org.lehr.engine.train.run.RunFolder;
import org.lehr.engine.train.run.RunReport;
import org.lehr.engine.train.run.RunStatus;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.parallel.Workers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `lehr train`: trains a language model and leaves a run folder.
@Command(
        name = "train",
        description = "Train a language model on text. Without options: a small state-space model on the sources of the"
                + " running JDK, about two minutes on two cores.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class TrainCommand implements Callable<Integer> {

    private static final int SAMPLE_TOKENS = 400;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Mixin
    private RankOptions ranks;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Take what is not given as an option from this file, in the format of a run's config.json.")
    private Path configFile;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads to compute with; the result is the same for any number. Default: all processors")
    private Integer threads;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder of the run. Default: runs/train-N")
    private Path out;

    @Option(names = "--resume", paramLabel = "DIR", description = "Go on with the run in this folder.")
    private Path resume;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            defaultValue = "100",
            description = "Steps between checkpoints; 0 for only one at the end. Default: ${DEFAULT-VALUE}")
    private int checkpointEvery;

    @Option(
            names = "--checkpoint-buffer",
            paramLabel = "MIB",
            defaultValue = "512",
            description = "Memory for copies of checkpoints that are written while training goes on, best as much as"
                    + " one takes; 0 writes them while training waits. Default: ${DEFAULT-VALUE}")
    private int checkpointBuffer;

    @Option(
            names = "--validate-every",
            paramLabel = "N",
            defaultValue = "100",
            description = "Steps between validations. Default: ${DEFAULT-VALUE}")
    private int validateEvery;

    @Option(
            names = "--log-every",
            paramLabel = "N",
            defaultValue = "10",
            description = "Steps between lines of metrics.jsonl. Default: ${DEFAULT-VALUE}")
    private int logEvery;

    @Option(
            names = "--keep",
            paramLabel = "N",
            defaultValue = "2",
            description = "How many of the newest checkpoints stay, besides the best. Default: ${DEFAULT-VALUE}")
    private int keep;

    @Option(
            names = "--record-routing",
            description = "Leave the choices of all routers in training in routing-STEP.safetensors of the run, from"
                    + " the step on with which this part of the run begins.")
    private boolean recordRouting;

    @Option(names = "--json", description = "Print one JSON object as the last line of standard output.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (threads != null && threads < 1) {
            throw new ParameterException(spec.commandLine(), "--threads must be at least 1, got " + threads);
        }
        if (checkpointBuffer < 0) {
            throw new ParameterException(
                    spec.commandLine(), "--checkpoint-buffer must be at least 0, got " + checkpointBuffer);
        }
        if (resume != null && (out != null || configFile != null || options.anyGiven())) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--resume goes on with the run as it was configured: give no other options than --threads, --json,"
                            + " ranks and intervals with it");
        }
        if (recordRouting && !ranks.alone()) {
            throw new ParameterException(spec.commandLine(), "--record-routing records one rank: leave out --ranks");
        }
        int count = threads == null ? Workers.current().threads() : threads;
        try {
            Workers.with(count, () -> {
                if (ranks.alone()) {
                    unchecked(() -> train(null));
                } else {
                    ranks.run(rank -> unchecked(() -> train(rank)));
                }
            });
        } catch (UncheckedIOException problem) {
            throw problem.getCause();
        }
        return 0;
    }

    /// What may fail in reading or writing.
    private interface Files {
        void run() throws IOException;
    }

    private static void unchecked(Files work) {
        try {
            work.run();
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    /// The parts of a run, made before there is a folder, so that a bad configuration leaves none.
    ///
    /// @param rank null when there is one alone
    private record Work(LanguageModelSetup setup, Trainer<?> trainer, TrainingRun.Plan plan, Communicator rank) {}

    private Work prepare(RunConfig config, LanguageModelSetup setup, Communicator rank) {
        if (recordRouting && setup.model().module().modules().values().stream().noneMatch(Router.class::isInstance)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--record-routing needs a model with routers, such as --arch moe, got "
                            + config.model().arch());
        }
        TrainingRun.Plan plan =
                new TrainingRun.Plan(config.optimization().steps(), logEvery, validateEvery, checkpointEvery, keep);
        return new Work(setup, rank == null ? setup.trainer() : setup.trainer(rank), plan, rank);
    }

    private void train(Communicator rank) throws IOException {
        if (rank != null && rank.rank() > 0) {
            follow(rank);
            return;
        }
        try (Interrupt interrupt = Interrupt.install()) {
            if (resume != null) {
                try (RunFolder folder = RunFolder.resume(resume)) {
                    RunConfig config = RunConfigJson.fromMap(folder.config());
                    train(folder, config, prepare(config, resumed(config), rank), interrupt);
                }
            } else {
                RunConfig config = options.over(configFile == null ? null : RunConfigJson.read(configFile));
                Work work = prepare(config, new LanguageModelSetup(config), rank);
                try (RunFolder folder = create(config)) {
                    RunTokenizer.save(work.setup.tokenizer(), folder.path());
                    train(folder, config, work, interrupt);
                }
            }
        }
    }

    /// What the first rank says is the step to go on from.
    private static long agreeOnStep(Communicator rank, long step) {
        Tensor told = Tensor.of(new long[] {step});
        rank.broadcast(told, 0).await();
        return told.toLongArray()[0];
    }

    /// Where the first rank says that the run's folder is.
    private static Path agreeOnFolder(Communicator rank, Path folder) {
        String name = folder == null ? "" : folder.toString();
        Tensor letters =
                Tensor.of(Arrays.copyOf(name.chars().asLongStream().toArray(), (int) agreeOnStep(rank, name.length())));
        rank.broadcast(letters, 0).await();
        StringBuilder told = new StringBuilder();
        Arrays.stream(letters.toLongArray()).forEach(letter -> told.append((char) letter));
        return Path.of(told.toString());
    }

    private static RankLog noteRanks(Path folder, Communicator rank) throws IOException {
        RankLog.clear(folder);
        return RankLog.begin(agreeOnFolder(rank, folder), rank.telemetry());
    }

    private LanguageModelSetup resumed(RunConfig config) {
        return new LanguageModelSetup(config, RunTokenizer.load(config, resume));
    }

    private void follow(Communicator rank) throws IOException {
        RunConfig config = resume != null
                ? RunConfigJson.read(resume.resolve(RunFolder.CONFIG))
                : options.over(configFile == null ? null : RunConfigJson.read(configFile));
        Work work = prepare(config, resume == null ? new LanguageModelSetup(config) : resumed(config), rank);
        FollowingRun run = new FollowingRun(work.trainer, work.plan, work.setup::validate);
        if (resume != null) {
            run.resume(CheckpointFolder.at(resume.resolve(RunFolder.CHECKPOINTS), agreeOnStep(rank, 0)));
        }
        try (RankLog _ = RankLog.begin(agreeOnFolder(rank, null), rank.telemetry())) {
            run.run();
        }
    }

    private void train(RunFolder folder, RunConfig config, Work work, Interrupt interrupt) throws IOException {
        LanguageModelSetup setup = work.setup;
        ProgressLine progress = new ProgressLine(spec.commandLine().getErr(), work.plan.steps());
        progress.describe(setup, config, folder.path());
        TrainingRun run = new TrainingRun(
                work.trainer,
                work.plan,
                folder,
                setup::validate,
                progress.observer(setup),
                (long) checkpointBuffer << 20);
        if (resume != null) {
            run.resume();
            if (work.rank != null) {
                agreeOnStep(work.rank, work.trainer.steps());
            }
        }
        folder.status(RunStatus.running(work.trainer.steps()));
        RoutingTrace routing = new RoutingTrace();
        long first = work.trainer.steps();
        TrainingRun.Outcome outcome;
        try (RankLog _ = work.rank == null ? null : noteRanks(folder.path(), work.rank);
                GradientHook _ =
                        recordRouting ? routing.recordTraining(setup.model().module()) : () -> {}) {
            outcome = finish(folder, run, work.trainer, interrupt);
        }
        if (recordRouting) {
            RoutingTraceFile.write(
                    routing, folder.path().resolve(String.format(Locale.ROOT, "routing-%08d.safetensors", first)));
        }
        report(setup, config, folder, outcome, progress);
    }

    private RunFolder create(RunConfig config) throws IOException {
        SequencedMap<String, Object> map = RunConfigJson.toMap(config);
        return out == null ? RunFolder.createNext(Path.of("runs"), "train", map) : RunFolder.create(out, map);
    }

    /// Runs to the end or to an interrupt; a failure is noted in the run's status.
    private static TrainingRun.Outcome finish(
            RunFolder folder, TrainingRun run, Trainer<?> trainer, Interrupt interrupt) throws IOException {
        try {
            return run.run(interrupt::requested);
        } catch (IllegalStateException | IllegalArgumentException | IOException problem) {
            folder.status(new RunStatus(
                    RunStatus.State.FAILED, trainer.steps(), problem.getMessage(), new LinkedHashMap<>()));
            throw problem;
        }
    }

    private void report(
            LanguageModelSetup setup,
            RunConfig config,
            RunFolder folder,
            TrainingRun.Outcome outcome,
            ProgressLine progress)
            throws IOException {
        SequencedMap<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("steps", outcome.steps());
        numbers.put("trainLoss", outcome.trainLoss());
        numbers.put("validationLoss", outcome.validationLoss());
        numbers.put("bitsPerByte", setup.bitsPerByte(outcome.validationLoss()));
        numbers.put("bigramBitsPerByte", setup.bigramBitsPerByte());
        numbers.put("tokensPerSecond", progress.tokensPerSecond());
        numbers.put("peakMemoryBytes", Pool.host().statistics().peak());
        numbers.put("run", folder.path().toString());
        PrintWriter result = spec.commandLine().getOut();
        progress.end();
        if (outcome.interrupted()) {
            folder.status(new RunStatus(RunStatus.State.INTERRUPTED, outcome.steps(), "stopped on request", numbers));
            result.println("Stopped at step " + outcome.steps() + " with a checkpoint. Go on with: lehr train --resume "
                    + folder.path());
        } else {
            String sample = sample(setup, config);
            folder.samples().append(outcome.steps(), sample);
            folder.status(RunStatus.finished(outcome.steps(), numbers));
            result.printf(
                    "%n--- sample (held-out text \u25b8 what the model makes of it) ---%n%s%n--------------%n", sample);
        }
        Path page = RunReport.write(folder.path());
        result.printf(
                Locale.ROOT,
                "validation %.3f bits per byte (a byte bigram model: %.3f), train %.3f, %s tokens/s%n",
                setup.bitsPerByte(outcome.validationLoss()),
                (Double) numbers.get("bigramBitsPerByte"),
                setup.bitsPerByte(outcome.trainLoss()),
                Sizes.count(progress.tokensPerSecond()));
        result.println("report: " + page.toAbsolutePath());
        if (json) {
            result.println(JsonMapper.builder().build().writeValueAsString(numbers));
        }
        result.flush();
    }

    /// How the model goes on from a piece of held-out text, from a fixed seed.
    private static String sample(LanguageModelSetup setup, RunConfig config) {
        RandomStream random = new RandomStream(config.seed()).split("sample");
        Generator generator = new Generator(setup.model(), new Sampling(0.7, 0, 1), random);
        int[] prompt = setup.samplePrompt();
        int[] tokens = generator.extend(prompt, SAMPLE_TOKENS, token -> {});
        return text(setup, Arrays.copyOfRange(tokens, 0, prompt.length)) + " \u25b8 "
                + text(setup, Arrays.copyOfRange(tokens, prompt.length, tokens.length));
    }

    private static String text(LanguageModelSetup setup, int[] tokens) {
        return new String(setup.tokenizer().decode(tokens), StandardCharsets.UTF_8);
    }
}
