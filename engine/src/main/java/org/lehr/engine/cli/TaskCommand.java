package org.lehr.engine.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.lehr.engine.data.task.MemoryTask;
import org.lehr.engine.data.task.MemoryTasks;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.train.LanguageModels;
import org.lehr.engine.train.RunConfig;
import org.lehr.engine.train.task.TaskTrial;
import org.lehr.kernels.parallel.Workers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lehr task`: what architectures can remember.
@Command(
        name = "task",
        description = {
            "Train small models on a problem that only a memory solves, and measure them on longer sequences.",
            "",
            "  selective-copying    letters among blanks are wanted in their order",
            "  induction-heads      what followed a mark is wanted after its second appearance",
            "  associative-recall   the values of keys are wanted when these come again",
            "  copying              a text is wanted again",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class TaskCommand implements Callable<Integer> {

    private static final List<Integer> STRETCHES = List.of(1, 2, 4);

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "selective-copying, induction-heads, associative-recall or copying")
    private String name;

    @Option(
            names = "--arch",
            paramLabel = "NAMES",
            split = ",",
            defaultValue = "mamba,s4d,transformer,hybrid",
            description = "Architectures of lehr train. Default: ${DEFAULT-VALUE}")
    private List<String> architectures;

    @Option(names = "--length", paramLabel = "N", description = "Tokens to read. Default: 16 to 48, by task")
    private Integer length;

    @Option(names = "--items", paramLabel = "N", description = "Letters or pairs to remember. Default: by task")
    private Integer items;

    @Option(names = "--letters", paramLabel = "N", description = "Different letters there are. Default: by task")
    private Integer letters;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "500",
            description = "Training steps at most; fewer when the task is solved before. Default: ${DEFAULT-VALUE}")
    private int steps;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "1",
            description = "Models of each architecture; the table has means. Default: ${DEFAULT-VALUE}")
    private int seeds;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Sequences per step. Default: ${DEFAULT-VALUE}")
    private int batch;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            defaultValue = "0.002",
            description = "Peak learning rate. Default: ${DEFAULT-VALUE}")
    private double learningRate;

    @Option(
            names = "--layers",
            paramLabel = "N",
            defaultValue = "2",
            description = "Number of blocks. Default: ${DEFAULT-VALUE}")
    private int layers;

    @Option(
            names = "--width",
            paramLabel = "N",
            defaultValue = "64",
            description = "Width of the stream. Default: ${DEFAULT-VALUE}")
    private int width;

    @Option(
            names = "--heads",
            paramLabel = "N",
            defaultValue = "2",
            description = "Attention heads. Default: ${DEFAULT-VALUE}")
    private int heads;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads to compute with; the result is the same for any number. Default: all processors")
    private Integer threads;

    @Option(names = "--json", description = "Print one JSON object for each architecture instead of the table.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (threads != null && threads < 1 || seeds < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--threads and --seeds must be at least 1, got " + threads + " and " + seeds);
        }
        for (String arch : architectures) {
            if (!LanguageModels.ARCHITECTURES.contains(arch)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "architecture '" + arch + "': expected one of " + LanguageModels.ARCHITECTURES);
            }
        }
        MemoryTasks kind = kind();
        MemoryTasks.Sizes usual = kind.usual();
        MemoryTask task = kind.of(new MemoryTasks.Sizes(
                length == null ? usual.length() : length,
                items == null ? usual.items() : items,
                letters == null ? usual.letters() : letters));
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            head(task, out);
        }
        for (String arch : architectures) {
            Row row = Workers.with(threads == null ? Workers.current().threads() : threads, () -> row(arch, task));
            out.println(json ? JsonMapper.builder().build().writeValueAsString(row.toMap()) : row.toLine());
            out.flush();
        }
        return 0;
    }

    private MemoryTasks kind() {
        try {
            return MemoryTasks.named(name);
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(spec.commandLine(), unknown.getMessage());
        }
    }

    private void head(MemoryTask task, PrintWriter out) {
        out.printf(
                "%s: %d tokens of %d; at most %d steps of %d sequences%n",
                name, task.tokens(), task.vocabulary(), steps, batch);
        StringBuilder line = new StringBuilder(
                String.format("%-14s %10s %7s %8s", "architecture", "parameters", "steps", "seconds"));
        for (int stretch : STRETCHES) {
            line.append(String.format(" %7d tokens", task.stretched(stretch).tokens()));
        }
        out.println(line);
        out.flush();
    }

    /// What the models of an architecture came to.
    private record Row(String arch, long parameters, List<TaskTrial.Outcome> outcomes) {

        double steps() {
            return outcomes.stream()
                    .mapToLong(TaskTrial.Outcome::steps)
                    .average()
                    .orElseThrow();
        }

        double seconds() {
            return outcomes.stream().mapToDouble(TaskTrial.Outcome::seconds).sum();
        }

        /// The mean for each length.
        List<Double> accuracies() {
            return IntStream.range(0, STRETCHES.size())
                    .mapToObj(i -> outcomes.stream()
                            .mapToDouble(outcome -> outcome.accuracies().get(i))
                            .average()
                            .orElseThrow())
                    .toList();
        }

        String toLine() {
            StringBuilder line = new StringBuilder(String.format(
                    Locale.ROOT, "%-14s %10s %7.0f %8.1f", arch, Sizes.count(parameters), steps(), seconds()));
            accuracies().forEach(accuracy -> line.append(String.format(Locale.ROOT, " %12.1f %%", 100 * accuracy)));
            return line.toString();
        }

        Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("architecture", arch);
            map.put("parameters", parameters);
            map.put("steps", steps());
            map.put("seconds", seconds());
            map.put("accuracies", accuracies());
            return map;
        }
    }

    private Row row(String arch, MemoryTask task) {
        long parameters = 0;
        List<TaskTrial.Outcome> outcomes = new ArrayList<>();
        for (int seed = 1; seed <= seeds; seed++) {
            LanguageModel model =
                    LanguageModels.make(shape(arch, task), task.vocabulary(), new RandomStream(seed).split("model"));
            parameters = model.module().parameterCount();
            TaskTrial.Plan plan = new TaskTrial.Plan(steps, batch, learningRate, seed);
            outcomes.add(TaskTrial.run(model, task, plan, STRETCHES));
        }
        return new Row(arch, parameters, outcomes);
    }

    private RunConfig.Model shape(String arch, MemoryTask task) {
        return new RunConfig.Model(
                arch,
                layers,
                width,
                heads,
                heads,
                (width * 8 / 3 + 31) / 32 * 32,
                task.stretched(STRETCHES.getLast()).tokens(),
                0,
                RunConfig.Experts.DEFAULT);
    }
}
