package org.lehr.engine.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.lehr.engine.generate.Generator;
import org.lehr.engine.generate.Sampling;
import org.lehr.engine.tensor.RandomStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lehr generate`: text from a trained model.
@Command(
        name = "generate",
        description = "Let the model of a run write text.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class GenerateCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RUN", description = "Folder of the run, such as runs/train-1.")
    private Path run;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            defaultValue = "\n",
            description = "What the text begins with. Default: a line break")
    private String prompt;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "400",
            description = "How many tokens to write. Default: ${DEFAULT-VALUE}")
    private int tokens;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            defaultValue = "0.8",
            description = "Divides the scores; 0 always takes the best token. Default: ${DEFAULT-VALUE}")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            defaultValue = "0",
            description = "Only the N best tokens count; 0 for all. Default: ${DEFAULT-VALUE}")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "Only the best tokens with this probability together count. Default: ${DEFAULT-VALUE}")
    private double topP;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the choices. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Override
    public Integer call() throws IOException {
        Sampling sampling = new Sampling(temperature, topK, topP);
        TrainedModel trained = TrainedModel.load(run);
        PrintWriter out = spec.commandLine().getOut();
        int[] start = trained.tokenizer().encode(prompt.isEmpty() ? "\n" : prompt);
        int[] all = new Generator(trained.model(), sampling, new RandomStream(seed)).extend(start, tokens, token -> {});
        byte[] text = trained.tokenizer().decode(all);
        out.println(new String(text, StandardCharsets.UTF_8).stripLeading());
        out.flush();
        return 0;
    }
}
