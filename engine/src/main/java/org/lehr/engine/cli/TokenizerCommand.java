package org.lehr.engine.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.lehr.engine.data.Document;
import org.lehr.engine.data.tokenizer.BpeTrainer;
import org.lehr.engine.data.tokenizer.CharacterVocabulary;
import org.lehr.engine.data.tokenizer.TextTokenizer;
import org.lehr.engine.data.tokenizer.TokenizerJson;
import org.lehr.engine.train.LanguageModelSetup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lehr tokenizer`: makes and tries tokenizers.
@Command(
        name = "tokenizer",
        description = "Learn a tokenizer from text, or try one.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class TokenizerCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: train, encode or decode");
    }

    @Command(
            name = "train",
            description = "Learn a byte-level BPE vocabulary, or one of characters, and write a tokenizer.json.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    void train(
            @Option(
                            names = "--data",
                            paramLabel = "SOURCE",
                            defaultValue = "jdk",
                            description = "'jdk', a text file, a zip or a folder. Default: jdk")
                    String data,
            @Option(
                            names = "--vocabulary",
                            paramLabel = "N",
                            defaultValue = "8192",
                            description = "Number of tokens. Default: ${DEFAULT-VALUE}")
                    int vocabulary,
            @Option(names = "--characters", description = "Learn characters instead of pairs.") boolean characters,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            defaultValue = "tokenizer.json",
                            description = "The file to write. Default: ${DEFAULT-VALUE}")
                    Path out)
            throws IOException {
        List<Document> documents = LanguageModelSetup.corpusAt(data).documents();
        TextTokenizer tokenizer = characters
                ? CharacterVocabulary.train(documents, Math.max(1, vocabulary - BpeTrainer.LEAST))
                : BpeTrainer.train(documents, vocabulary);
        TokenizerJson.write(tokenizer, out);
        long[] tokens = new long[1];
        long bytes = 0;
        for (Document document : documents) {
            tokenizer.encode(document.bytes(), token -> tokens[0]++);
            bytes += document.bytes().length;
        }
        print("%s: %d tokens, %.2f bytes per token of this text (%s bytes)"
                .formatted(out, tokenizer.vocabularySize(), (double) bytes / tokens[0], Sizes.count(bytes)));
    }

    @Command(
            name = "encode",
            description = "Print the tokens of a text.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    void encode(
            @Parameters(paramLabel = "FILE", description = "A tokenizer.json.") Path file,
            @Parameters(paramLabel = "TEXT", arity = "0..1", description = "The text. Default: standard input")
                    String text,
            @Option(names = "--special", description = "With the special tokens that belong around a text.")
                    boolean special,
            @Option(names = "--spell", description = "Print how the file spells tokens besides.") boolean spell)
            throws IOException {
        TextTokenizer tokenizer = TokenizerJson.read(file);
        String content = text != null ? text : standardInput();
        int[] tokens = special ? tokenizer.encodeWithSpecials(content) : tokenizer.encode(content);
        print(Arrays.stream(tokens)
                .mapToObj(token -> spell ? token + ":" + tokenizer.spelling(token) : String.valueOf(token))
                .collect(Collectors.joining(" ")));
    }

    @Command(
            name = "decode",
            description = "Print the text that tokens stand for.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    void decode(
            @Parameters(paramLabel = "FILE", description = "A tokenizer.json.") Path file,
            @Parameters(paramLabel = "TOKEN", arity = "1..*", description = "Numbers of tokens.") int[] tokens) {
        TextTokenizer tokenizer = TokenizerJson.read(file);
        for (int token : tokens) {
            if (token < 0 || token >= tokenizer.vocabularySize()) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "token %d: expected 0 to %d, the tokens of %s",
                        token,
                        tokenizer.vocabularySize() - 1,
                        file));
            }
        }
        print(tokenizer.decodeText(tokens));
    }

    private static String standardInput() throws IOException {
        try (InputStream in = System.in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
