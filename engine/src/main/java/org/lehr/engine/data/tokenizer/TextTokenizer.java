package org.lehr.engine.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.lehr.engine.data.DataException;
import org.lehr.engine.data.Tokenizer;

/// The tokenizer that a `tokenizer.json` describes; [TokenizerJson] reads and writes it. Threads may share it.
///
/// What names a special token in a text becomes that token. Whether decoding gives back every text depends on the file:
/// byte-level tokenizers do, and those that fall back to bytes and normalize nothing.
public final class TextTokenizer implements Tokenizer {

    /// Names of the token between documents, the first that a file has counts.
    private static final List<String> SEPARATORS =
            List.of("<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "[SEP]", "<|im_end|>", "<bos>", "<s>");

    private static final int CACHED_LENGTH = 64;
    private static final int CACHED_PIECES = 1 << 17;

    private final JsonNode json;
    private final AddedTokens plain;
    private final AddedTokens normalized;
    private final Normalizer normalizer;
    private final PreTokenizer preTokenizer;
    private final TokenModel model;
    private final PostProcessor postProcessor;
    private final TokenDecoder decoder;
    private final Map<Integer, String> added = new TreeMap<>();
    private final Map<String, Integer> specials = new HashMap<>();
    private final int vocabularySize;
    private final Map<String, int[]> cache = new ConcurrentHashMap<>();

    TextTokenizer(Part root) {
        json = root.node();
        normalizer = Normalizers.read(root.at("normalizer"));
        preTokenizer = PreTokenizers.read(root.at("pre_tokenizer"));
        model = model(root.at("model"));
        postProcessor = PostProcessor.read(root.at("post_processor"));
        decoder = Decoders.read(root.at("decoder"));
        List<AddedTokens.Token> tokens = root.at("added_tokens").isAbsent()
                ? List.of()
                : root.at("added_tokens").list().stream()
                        .map(token -> AddedTokens.Token.read(token, model.vocabulary()))
                        .toList();
        int size = model.vocabulary().size();
        for (AddedTokens.Token token : tokens) {
            added.put(token.id(), token.content());
            size = Math.max(size, token.id() + 1);
            if (token.special()) {
                specials.put(token.content(), token.id());
            }
        }
        vocabularySize = size;
        plain = new AddedTokens(
                tokens.stream().filter(token -> !token.normalized()).toList(), text -> text);
        normalized = new AddedTokens(
                tokens.stream().filter(AddedTokens.Token::normalized).toList(), normalizer::apply);
    }

    private static TokenModel model(Part part) {
        // Files of the first versions do not say which model they hold.
        String type = part.at("type").text(part.at("merges").isAbsent() ? "none" : "BPE");
        return switch (type) {
            case "BPE" -> BpeModel.read(part);
            case "Unigram" -> UnigramModel.read(part);
            default -> throw part.unknown("model", "BPE, Unigram");
        };
    }

    /// The file that describes this tokenizer.
    JsonNode json() {
        return json;
    }

    /// `bpe` or `unigram`.
    @Override
    public String name() {
        return model.name();
    }

    @Override
    public int vocabularySize() {
        return vocabularySize;
    }

    /// The special token that ends a text by its usual names, such as `<|endoftext|>` or `</s>`, else the
    /// special token with the lowest number.
    ///
    /// @throws DataException when there is no special token
    @Override
    public int separator() {
        return SEPARATORS.stream()
                .filter(specials::containsKey)
                .map(specials::get)
                .findFirst()
                .or(() -> specials.values().stream().min(Integer::compare))
                .orElseThrow(() -> new DataException(
                        "the tokenizer has no special token that could stand between documents: add one like "
                                + SEPARATORS.getFirst()));
    }

    /// The special tokens by name: texts that are encoded as one token and mark something.
    public Map<String, Integer> specials() {
        return Map.copyOf(specials);
    }

    /// Whether `token` is a special one.
    public boolean isSpecial(int token) {
        return specials.containsValue(token);
    }

    /// How the file spells `token`, empty for a number that the file leaves out.
    ///
    /// @throws IndexOutOfBoundsException for a token outside the vocabulary
    public String spelling(int token) {
        Objects.checkIndex(token, vocabularySize);
        String spelled = added.get(token);
        if (spelled == null) {
            spelled = model.vocabulary().token(token);
        }
        return spelled == null ? "" : spelled;
    }

    @Override
    public void encode(byte[] text, IntConsumer tokens) {
        plain.split(new Piece(EscapedText.decode(text), true), tokens, piece -> {
            Piece clean = new Piece(normalizer.apply(piece.text()), piece.first());
            normalized.split(clean, tokens, rest -> preTokenizer.split(rest, part -> encodePiece(part.text(), tokens)));
        });
    }

    private void encodePiece(String piece, IntConsumer tokens) {
        if (piece.length() > CACHED_LENGTH) {
            model.encode(piece, tokens);
            return;
        }
        int[] known = cache.get(piece);
        if (known == null) {
            IntStream.Builder found = IntStream.builder();
            model.encode(piece, found);
            known = found.build().toArray();
            if (cache.size() < CACHED_PIECES) {
                cache.put(piece, known);
            }
        }
        for (int token : known) {
            tokens.accept(token);
        }
    }

    /// The tokens of `text` between the special tokens that the file puts around a text, such as `<s>`.
    public int[] encodeWithSpecials(String text) {
        IntStream before = postProcessor.before().stream().mapToInt(Integer::intValue);
        IntStream after = postProcessor.after().stream().mapToInt(Integer::intValue);
        return IntStream.concat(IntStream.concat(before, IntStream.of(encode(text))), after)
                .toArray();
    }

    /// The bytes that `tokens` stand for; special tokens as the file spells them. Bytes that form no character are
    /// kept.
    @Override
    public byte[] decode(int... tokens) {
        List<String> spelled = new ArrayList<>(tokens.length);
        for (int token : tokens) {
            String spelling = spelling(token);
            if (!spelling.isEmpty()) {
                spelled.add(spelling);
            }
        }
        return EscapedText.encode(String.join("", decoder.apply(spelled)));
    }
}
