package org.lehr.engine.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.lehr.engine.train.EqualParameters;
import org.lehr.engine.train.LanguageModelSetup;
import org.lehr.engine.train.LanguageModels;
import org.lehr.engine.train.RunConfig;
import org.lehr.engine.train.RunConfigJson;
import org.lehr.engine.train.RunTokenizer;
import org.lehr.engine.train.TrainingRun;
import org.lehr.engine.train.run.ComparisonPage;
import org.lehr.engine.train.run.RunFolder;
import org.lehr.engine.train.run.RunReport;
import org.lehr.engine.train.run.RunStatus;
import org.lehr.kernels.parallel.Workers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `lehr compare`: architectures side by side.
@Command(
        name = "compare",
        description = {
            "Train several architectures on the same tokens with equally many parameters, and report them on one page.",
            "The first has the shape that the options say; the others as many layers, and the widths that make their"
                    + " parameters equal."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class CompareCommand implements Callable<Integer> {

    private static final int LOG_EVERY = 10;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads to compute with; losses are the same for any number. Default: all processors")
    private Integer threads;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder of report.html and a run for each architecture. Default: runs/compare-N")
    private Path out;

    @Option(
            names = "--validate-every",
            paramLabel = "N",
            defaultValue = "50",
            description = "Steps between validations. Default: ${DEFAULT-VALUE}")
    private int validateEvery;

    @Option(names = "--json", description = "Print one JSON object for each architecture instead of the table.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (threads != null && threads < 1) {
            throw new ParameterException(spec.commandLine(), "--threads must be at least 1, got " + threads);
        }
        RunConfig base = options.over(null);
        List<String> architectures = List.of(base.model().arch().split(",", -1));
        for (String arch : architectures) {
            if (!LanguageModels.ARCHITECTURES.contains(arch)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "architecture '" + arch + "': expected one of " + LanguageModels.ARCHITECTURES);
            }
        }
        if (architectures.stream().distinct().count() < Math.max(2, architectures.size())) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--arch: expected several different architectures with commas between, got "
                            + base.model().arch());
        }
        int count = threads == null ? Workers.current().threads() : threads;
        try {
            Workers.with(count, () -> {
                try {
                    compare(base, architectures);
                } catch (IOException problem) {
                    throw new UncheckedIOException(problem);
                }
            });
        } catch (UncheckedIOException problem) {
            throw problem.getCause();
        }
        return 0;
    }

    private void compare(RunConfig base, List<String> architectures) throws IOException {
        List<RunConfig> configs = configs(base, architectures);
        Path folder = out == null ? RunFolder.nextFree(Path.of("runs"), "compare") : Files.createDirectories(out);
        List<ComparisonPage.Entry> entries = new ArrayList<>();
        try (Interrupt interrupt = Interrupt.install()) {
            for (RunConfig config : configs) {
                if (!interrupt.requested()) {
                    entries.add(train(config, folder.resolve(config.model().arch()), interrupt));
                }
            }
        }
        String subtitle = String.format(
                Locale.ROOT,
                "%s, %,d tokens each, %d x %d a step",
                LanguageModelSetup.corpusAt(base.data().source()).description(),
                base.optimization().steps() * tokensPerStep(base),
                base.optimization().batch(),
                base.model().context());
        Path page = folder.resolve("report.html");
        ComparisonPage.of("Architectures at equal parameters", subtitle, entries)
                .write(page);
        print(entries, page);
    }

    private static long tokensPerStep(RunConfig config) {
        return (long) config.optimization().batch() * config.model().context();
    }

    private ComparisonPage.Entry train(RunConfig config, Path path, Interrupt interrupt) throws IOException {
        LanguageModelSetup setup = new LanguageModelSetup(config);
        int steps = config.optimization().steps();
        TrainingRun.Plan plan = new TrainingRun.Plan(steps, LOG_EVERY, validateEvery, 0, 1);
        try (RunFolder folder = RunFolder.create(path, RunConfigJson.toMap(config))) {
            RunTokenizer.save(setup.tokenizer(), folder.path());
            ProgressLine progress = new ProgressLine(spec.commandLine().getErr(), steps);
            progress.describe(setup, config, folder.path());
            TrainingRun.Outcome outcome = new TrainingRun(
                            setup.trainer(), plan, folder, setup::validate, progress.observer(setup), 0)
                    .run(interrupt::requested);
            progress.end();
            SequencedMap<String, Object> numbers = new LinkedHashMap<>();
            numbers.put("validationLoss", outcome.validationLoss());
            numbers.put("bitsPerByte", setup.bitsPerByte(outcome.validationLoss()));
            folder.status(
                    outcome.interrupted()
                            ? new RunStatus(RunStatus.State.INTERRUPTED, outcome.steps(), "stopped on request", numbers)
                            : RunStatus.finished(outcome.steps(), numbers));
        }
        RunReport.write(path);
        RunConfig.Model shape = config.model();
        long parameters = setup.model().module().parameterCount();
        return ComparisonPage.Entry.of(shape.arch(), shape.width(), parameters, tokensPerStep(config), path);
    }

    private void print(List<ComparisonPage.Entry> entries, Path page) throws IOException {
        PrintWriter result = spec.commandLine().getOut();
        if (!json) {
            result.printf(
                    "%-14s %6s %12s %10s %10s %10s%n",
                    "architecture", "width", "parameters", "bits/byte", "tokens/s", "seconds");
        }
        for (ComparisonPage.Entry entry : entries) {
            if (json) {
                Map<String, Object> numbers = new LinkedHashMap<>();
                numbers.put("architecture", entry.name());
                numbers.put("width", entry.width());
                numbers.put("parameters", entry.parameters());
                numbers.put("bitsPerByte", entry.bitsPerByte());
                numbers.put("tokensPerSecond", entry.tokensPerSecond());
                numbers.put("seconds", entry.trainingSeconds());
                result.println(JsonMapper.builder().build().writeValueAsString(numbers));
            } else {
                result.printf(
                        Locale.ROOT,
                        "%-14s %6d %12d %10.3f %10s %10.1f%n",
                        entry.name(),
                        entry.width(),
                        entry.parameters(),
                        entry.bitsPerByte(),
                        Sizes.count(entry.tokensPerSecond()),
                        entry.trainingSeconds());
            }
        }
        if (!json) {
            result.println("report: " + page.toAbsolutePath());
        }
        result.flush();
    }

    /// The configuration of each architecture, made before anything is written.
    private static List<RunConfig> configs(RunConfig base, List<String> architectures) {
        RunConfig first = withModel(base, base.model().withArch(architectures.getFirst()));
        LanguageModelSetup setup = new LanguageModelSetup(first);
        int vocabulary = setup.tokenizer().vocabularySize();
        long wanted = setup.model().module().parameterCount();
        List<RunConfig> configs = new ArrayList<>(List.of(first));
        for (String arch : architectures.subList(1, architectures.size())) {
            configs.add(withModel(base, EqualParameters.match(first.model(), arch, wanted, vocabulary)));
        }
        return configs;
    }

    private static RunConfig withModel(RunConfig base, RunConfig.Model model) {
        return new RunConfig(base.seed(), base.precision(), base.data(), model, base.optimization());
    }
}
