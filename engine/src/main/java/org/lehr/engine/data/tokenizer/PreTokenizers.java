package org.lehr.engine.data.tokenizer;

import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.lehr.engine.data.tokenizer.Splitter.Behavior;

/// The pre-tokenizers that files name.
final class PreTokenizers {

    private static final String KNOWN = "ByteLevel, Split, Whitespace, WhitespaceSplit, Metaspace, Punctuation, Digits,"
            + " BertPreTokenizer, CharDelimiterSplit, Sequence";

    /// Words with the space before them, numbers, runs of other characters, and white space of which the last stays
    /// with the word (Radford et al. 2019).
    static final Splitter GPT2 = Splitter.at(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\p{IsWhite_Space}\\p{L}\\p{N}]+"
                    + "|\\p{IsWhite_Space}+(?!\\P{IsWhite_Space})|\\p{IsWhite_Space}+",
            Behavior.ISOLATED);

    private static final String WORD = "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200C\\u200D";
    private static final String ASCII_PUNCTUATION = "!-/:-@\\[-`{-~";
    private static final String PUNCTUATION = "[" + ASCII_PUNCTUATION + "\\p{P}]";

    private PreTokenizers() {}

    static PreTokenizer read(Part part) {
        if (part.isAbsent()) {
            return PreTokenizers::whole;
        }
        return switch (part.type()) {
            case "ByteLevel" ->
                byteLevel(
                        part.at("add_prefix_space").flag(true),
                        part.at("use_regex").flag(true));
            case "Split" ->
                new Splitter(
                        pattern(part.at("pattern")),
                        Behavior.read(part.at("behavior")),
                        part.at("invert").flag(false));
            case "Whitespace" ->
                new Splitter(
                        Pattern.compile("[%s]+|[^%s%s]+".formatted(WORD, WORD, WhiteSpace.EXPRESSION)),
                        Behavior.REMOVED,
                        true);
            case "WhitespaceSplit" -> Splitter.at(WhiteSpace.EXPRESSION, Behavior.REMOVED);
            case "Metaspace" -> Metaspace.read(part);
            case "Punctuation" ->
                Splitter.at(
                        PUNCTUATION,
                        part.at("behavior").isAbsent() ? Behavior.ISOLATED : Behavior.read(part.at("behavior")));
            case "Digits" ->
                Splitter.at(
                        "\\p{N}", part.at("individual_digits").flag(false) ? Behavior.ISOLATED : Behavior.CONTIGUOUS);
            case "BertPreTokenizer" ->
                Splitter.at(WhiteSpace.EXPRESSION, Behavior.REMOVED).then(Splitter.at(PUNCTUATION, Behavior.ISOLATED));
            case "CharDelimiterSplit" ->
                Splitter.at(
                        Pattern.quote(Character.toString(part.at("delimiter").character())), Behavior.REMOVED);
            case "Sequence" ->
                part.at("pretokenizers").list().stream()
                        .map(PreTokenizers::read)
                        .reduce(PreTokenizer::then)
                        .orElse(PreTokenizers::whole);
            default -> throw part.unknown("pre-tokenizer", KNOWN);
        };
    }

    private static void whole(Piece piece, Consumer<Piece> next) {
        if (!piece.text().isEmpty()) {
            next.accept(piece);
        }
    }

    private static Pattern pattern(Part part) {
        return part.at("String").isAbsent()
                ? Oniguruma.compile(part.at("Regex"))
                : Pattern.compile(Pattern.quote(part.at("String").text()));
    }

    private static PreTokenizer byteLevel(boolean prefixSpace, boolean cut) {
        PreTokenizer spaced = (piece, next) -> whole(
                prefixSpace && !piece.text().startsWith(" ") && !piece.text().isEmpty()
                        ? new Piece(" " + piece.text(), piece.first())
                        : piece,
                next);
        PreTokenizer words = cut ? spaced.then(GPT2) : spaced;
        return words.then((piece, next) -> next.accept(new Piece(ByteAlphabet.spell(piece.text()), piece.first())));
    }
}
