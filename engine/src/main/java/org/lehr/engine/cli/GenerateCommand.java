package org.lehr.engine.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.lehr.engine.generate.BeamSearch;
import org.lehr.engine.generate.Generator;
import org.lehr.engine.generate.TextStream;
import org.lehr.engine.tensor.RandomStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lehr generate`: text from a trained model. One text is printed as it is written, several one after the other.
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
            description = "What the text begins with; give it several times for several texts. Default: a line break")
    private List<String> prompts = List.of("\n");

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "400",
            description = "How many tokens to write at most. Default: ${DEFAULT-VALUE}")
    private int tokens;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "End before this text; may be given several times. A text also ends where a document does.")
    private List<String> stops = List.of();

    @Mixin
    private GenerationOptions options;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the choices; each prompt gets the same. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Override
    public Integer call() throws IOException {
        TrainedModel trained = TrainedModel.load(run);
        PrintWriter out = spec.commandLine().getOut();
        List<int[]> starts = new ArrayList<>();
        List<TextStream> texts = new ArrayList<>();
        boolean single = prompts.size() == 1;
        for (String prompt : prompts) {
            int[] start = trained.tokenizer().encode(prompt.isEmpty() ? "\n" : prompt);
            if (start.length == 0) {
                throw new IllegalArgumentException("the prompt '" + prompt + "' has no token that the model knows");
            }
            starts.add(start);
            texts.add(new TextStream(trained.tokenizer(), start, stops, single ? printing(out) : piece -> {}));
        }
        if (single) {
            out.print(prompts.getFirst().stripLeading());
        }
        write(trained, starts, texts);
        for (int i = 0; !single && i < texts.size(); i++) {
            out.println("--- " + (i + 1) + " ---");
            out.println(prompts.get(i).stripLeading() + texts.get(i).text());
        }
        if (single) {
            out.println();
        }
        out.flush();
        return 0;
    }

    private static Consumer<String> printing(PrintWriter out) {
        return piece -> {
            out.print(piece);
            out.flush();
        };
    }

    private void write(TrainedModel trained, List<int[]> starts, List<TextStream> texts) {
        int separator = trained.tokenizer().separator();
        if (options.wantsBeams()) {
            BeamSearch search = options.beamSearch(Set.of(separator));
            for (int i = 0; i < starts.size(); i++) {
                int[] found = search.extend(trained.model(), starts.get(i), tokens);
                for (int at = starts.get(i).length; at < found.length && found[at] != separator; at++) {
                    texts.get(i).accept(found[at]);
                }
            }
        } else {
            new Generator(trained.model(), options.form(Set.of(separator)), new RandomStream(seed))
                    .extend(
                            starts,
                            tokens,
                            (text, token) ->
                                    token == separator || texts.get(text).accept(token));
        }
        texts.forEach(TextStream::end);
    }
}
