package org.lehr.engine.data.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// Tokens that are found in the text before the model sees it, the longest of those at the leftmost place.
final class AddedTokens {

    private static final Pattern WORD = Pattern.compile("[\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200C\\u200D]");

    /// A token of the file's list `added_tokens`.
    ///
    /// @param singleWord whether it is only taken where no letter or digit is next to it
    /// @param eatsLeft whether white space before it belongs to it
    /// @param eatsRight whether white space behind it belongs to it
    /// @param normalized whether it is looked for in normalized text
    /// @param special whether it marks something and is no text
    record Token(
            int id,
            String content,
            boolean singleWord,
            boolean eatsLeft,
            boolean eatsRight,
            boolean normalized,
            boolean special) {

        /// A token that the model has too keeps the number that it has there.
        static Token read(Part part, Vocabulary vocabulary) {
            boolean special = part.at("special").flag(false);
            String content = part.at("content").text();
            int own = part.at("id").number();
            int known = vocabulary.id(content);
            return new Token(
                    known >= 0 ? known : own,
                    content,
                    part.at("single_word").flag(false),
                    part.at("lstrip").flag(false),
                    part.at("rstrip").flag(false),
                    part.at("normalized").flag(!special),
                    special);
        }
    }

    private record Spelled(String text, Token token) {}

    private final BitSet firsts = new BitSet();
    private final Map<Character, List<Spelled>> byFirst = new HashMap<>();

    /// @param spelling how the text in which tokens are looked for spells them
    AddedTokens(List<Token> tokens, UnaryOperator<String> spelling) {
        for (Token token : tokens) {
            String text = spelling.apply(token.content);
            if (!text.isEmpty()) {
                firsts.set(text.charAt(0));
                byFirst.computeIfAbsent(text.charAt(0), c -> new ArrayList<>()).add(new Spelled(text, token));
            }
        }
        Comparator<Spelled> longest = Comparator.comparingInt(spelled -> -spelled.text.length());
        byFirst.values().forEach(candidates -> candidates.sort(longest));
    }

    /// Hands the tokens in `piece` to `tokens`, and what is between them to `rest`, in order.
    void split(Piece piece, IntConsumer tokens, Consumer<Piece> rest) {
        String text = piece.text();
        int done = 0;
        for (int at = 0; at < text.length() && !firsts.isEmpty(); ) {
            Spelled found = firsts.get(text.charAt(at)) ? longestAt(text, at) : null;
            if (found == null) {
                at++;
                continue;
            }
            int start = at;
            int stop = at + found.text.length();
            at = stop;
            if (found.token.singleWord && (endsInWord(text, start) || beginsWithWord(text, stop))) {
                continue;
            }
            while (found.token.eatsLeft && start > done && WhiteSpace.is(text.charAt(start - 1))) {
                start--;
            }
            while (found.token.eatsRight && stop < text.length() && WhiteSpace.is(text.charAt(stop))) {
                stop++;
            }
            between(piece, done, start, rest);
            tokens.accept(found.token.id);
            done = stop;
        }
        between(piece, done, text.length(), rest);
    }

    private static void between(Piece piece, int from, int to, Consumer<Piece> rest) {
        if (from < to) {
            rest.accept(new Piece(piece.text().substring(from, to), piece.first() && from == 0));
        }
    }

    private Spelled longestAt(String text, int at) {
        for (Spelled candidate : byFirst.get(text.charAt(at))) {
            if (text.startsWith(candidate.text, at)) {
                return candidate;
            }
        }
        return null;
    }

    private static boolean endsInWord(String text, int end) {
        return end > 0 && isWord(text.codePointBefore(end));
    }

    private static boolean beginsWithWord(String text, int start) {
        return start < text.length() && isWord(text.codePointAt(start));
    }

    private static boolean isWord(int character) {
        return WORD.matcher(Character.toString(character)).matches();
    }
}
