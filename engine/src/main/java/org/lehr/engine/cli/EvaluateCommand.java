package org.lehr.engine.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.lehr.engine.data.Corpus;
import org.lehr.engine.data.Split;
import org.lehr.engine.data.TokenStream;
import org.lehr.engine.data.ValidationBatches;
import org.lehr.engine.train.LanguageModelSetup;
import org.lehr.engine.train.LanguageModeling;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lehr evaluate`: how well a trained model predicts held-out text.
@Command(
        name = "evaluate",
        description = "Measure the model of a run on the held-out part of a text.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RUN", description = "Folder of the run, such as runs/train-1.")
    private Path run;

    @Option(
            names = "--data",
            paramLabel = "SOURCE",
            description = "'jdk', a text file, a zip or a folder. Default: what the run was trained on")
    private String data;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "262144",
            description = "How many tokens to look at. Default: ${DEFAULT-VALUE}")
    private int tokens;

    @Option(names = "--json", description = "Print one JSON object instead of text.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        TrainedModel trained = TrainedModel.load(run);
        String source = data == null ? trained.config().data().source() : data;
        Corpus corpus = LanguageModelSetup.corpusAt(source);
        TokenStream heldOut = TokenStream.of(Split.of(corpus.documents()).validation(), trained.tokenizer());
        int context = trained.config().model().context();
        ValidationBatches batches = new ValidationBatches(
                heldOut, trained.config().optimization().batch(), context, Math.max(1, tokens / context));
        double loss = LanguageModeling.evaluate(trained.model(), batches);
        double bits = LanguageModeling.bitsPerByte(loss, heldOut);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> numbers = new LinkedHashMap<>();
            numbers.put("step", trained.checkpoint().step());
            numbers.put("tokens", batches.tokens());
            numbers.put("loss", loss);
            numbers.put("bitsPerByte", bits);
            out.println(JsonMapper.builder().build().writeValueAsString(numbers));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%s: %.4f nats per token, %.3f bits per byte (%d tokens, checkpoint of step %d)%n",
                    corpus.description(),
                    loss,
                    bits,
                    batches.tokens(),
                    trained.checkpoint().step());
        }
        out.flush();
        return 0;
    }
}
