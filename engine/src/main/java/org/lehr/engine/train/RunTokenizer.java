package org.lehr.engine.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lehr.engine.data.ByteTokenizer;
import org.lehr.engine.data.Document;
import org.lehr.engine.data.Tokenizer;
import org.lehr.engine.data.tokenizer.BpeTrainer;
import org.lehr.engine.data.tokenizer.CharacterVocabulary;
import org.lehr.engine.data.tokenizer.TextTokenizer;
import org.lehr.engine.data.tokenizer.TokenizerJson;

/// The tokenizer of a run: `byte`, `char` and `bpe:N`, which are learnt from the text that the run trains on, or a
/// `tokenizer.json`. One that is not `byte` is kept in the run's folder, so that nothing else is needed to use the
/// model.
public final class RunTokenizer {

    /// The usual name, for tokens that are bytes.
    public static final String BYTE = "byte";

    /// Where a run's folder keeps the tokenizer.
    public static final String FILE = "tokenizer.json";

    private static final String CHARACTERS = "char";
    private static final int MOST_CHARACTERS = 4096;
    private static final String BPE = "bpe:";

    private RunTokenizer() {}

    /// Whether `name` stands for a file.
    public static boolean isFile(String name) {
        return !name.equals(BYTE) && !name.equals(CHARACTERS) && !name.startsWith(BPE);
    }

    /// The tokenizer of this name where there is nothing to learn.
    static Optional<Tokenizer> known(String name) {
        if (name.equals(BYTE)) {
            return Optional.of(new ByteTokenizer());
        }
        if (name.startsWith(BPE)) {
            bpeSize(name);
        }
        return isFile(name) ? Optional.of(TokenizerJson.read(Path.of(name))) : Optional.empty();
    }

    /// The tokenizer of this name, learnt from `documents`.
    static Tokenizer learn(String name, List<Document> documents) {
        return name.equals(CHARACTERS)
                ? CharacterVocabulary.train(documents, MOST_CHARACTERS)
                : BpeTrainer.train(documents, bpeSize(name));
    }

    private static int bpeSize(String name) {
        String size = name.substring(BPE.length());
        if (!size.matches("\\d{1,7}") || Integer.parseInt(size) < BpeTrainer.LEAST) {
            throw new IllegalArgumentException("tokenizer '" + name
                    + "': expected byte, char, bpe:N with N of at least " + BpeTrainer.LEAST + ", or a tokenizer.json");
        }
        return Integer.parseInt(size);
    }

    /// Keeps `tokenizer` in the folder of a run.
    public static void save(Tokenizer tokenizer, Path folder) throws IOException {
        if (tokenizer instanceof TextTokenizer text) {
            TokenizerJson.write(text, folder.resolve(FILE));
        }
    }

    /// The tokenizer of the run in `folder` whose configuration is `config`.
    public static Tokenizer load(RunConfig config, Path folder) {
        return config.data().tokenizer().equals(BYTE) ? new ByteTokenizer() : TokenizerJson.read(folder.resolve(FILE));
    }
}
