package org.lehr.engine.data.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Spaces as a visible character, as SentencePiece writes them, one of which may be put before the text.
///
/// @param mark what stands for a space, usually `▁`
/// @param prefix where a space is put before text that begins with none
/// @param words how pieces are cut, null for not at all
record Metaspace(String mark, Prefix prefix, PreTokenizer words) implements PreTokenizer, TokenDecoder {

    /// Where a space is put before text.
    enum Prefix {
        /// Before the text and after each added token.
        ALWAYS,
        /// Before the text only.
        FIRST,
        NEVER
    }

    static Metaspace read(Part part) {
        String mark = Character.toString(part.at("replacement").character());
        Prefix usual = part.at("add_prefix_space").flag(true) ? Prefix.ALWAYS : Prefix.NEVER;
        Part scheme = part.at("prepend_scheme");
        Prefix prefix = scheme.isAbsent()
                ? usual
                : switch (scheme.text()) {
                    case "always" -> Prefix.ALWAYS;
                    case "first" -> Prefix.FIRST;
                    case "never" -> Prefix.NEVER;
                    default -> throw scheme.wrong("expected always, first or never");
                };
        boolean cut = part.at("split").flag(true);
        return new Metaspace(
                mark,
                prefix,
                cut
                        ? new Splitter(Pattern.compile(Pattern.quote(mark)), Splitter.Behavior.MERGED_WITH_NEXT, false)
                        : null);
    }

    @Override
    public void split(Piece piece, Consumer<Piece> next) {
        String text = piece.text().replace(" ", mark);
        boolean wanted = prefix == Prefix.ALWAYS || prefix == Prefix.FIRST && piece.first();
        Piece marked = new Piece(wanted && !text.startsWith(mark) ? mark + text : text, piece.first());
        if (words == null) {
            next.accept(marked);
        } else {
            words.split(marked, next);
        }
    }

    /// Marks become spaces, but those of the first token, which stand for the prefix, nothing.
    @Override
    public List<String> apply(List<String> tokens) {
        List<String> result = new ArrayList<>(tokens.size());
        for (String token : tokens) {
            result.add(token.replace(mark, result.isEmpty() && prefix != Prefix.NEVER ? "" : " "));
        }
        return result;
    }
}
