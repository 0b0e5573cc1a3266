package org.lehr.engine.data.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts at the matches of an expression.
///
/// @param delimiter what cuts
/// @param behavior what becomes of the matches
/// @param inverted whether what lies between matches is meant by `delimiter`
record Splitter(Pattern delimiter, Behavior behavior, boolean inverted) implements PreTokenizer {

    /// What becomes of delimiters, as the file format names it.
    enum Behavior {
        REMOVED("Removed"),
        ISOLATED("Isolated"),
        MERGED_WITH_PREVIOUS("MergedWithPrevious"),
        MERGED_WITH_NEXT("MergedWithNext"),
        CONTIGUOUS("Contiguous");

        private final String spelling;

        Behavior(String spelling) {
            this.spelling = spelling;
        }

        static Behavior read(Part part) {
            for (Behavior behavior : values()) {
                if (behavior.spelling.equals(part.text())) {
                    return behavior;
                }
            }
            throw part.wrong("expected Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
        }
    }

    private record Span(int from, int to, boolean delimiter) {}

    static Splitter at(String expression, Behavior behavior) {
        return new Splitter(Pattern.compile(expression), behavior, false);
    }

    @Override
    public void split(Piece piece, Consumer<Piece> next) {
        switch (behavior) {
            case REMOVED -> spans(piece.text(), span -> emit(piece, span, !span.delimiter, next));
            case ISOLATED -> spans(piece.text(), span -> emit(piece, span, true, next));
            case MERGED_WITH_PREVIOUS, MERGED_WITH_NEXT, CONTIGUOUS -> {
                List<Span> all = new ArrayList<>();
                spans(piece.text(), all::add);
                merged(all).forEach(span -> emit(piece, span, true, next));
            }
        }
    }

    private static void emit(Piece piece, Span span, boolean kept, Consumer<Piece> next) {
        if (kept && span.from < span.to) {
            next.accept(new Piece(piece.text().substring(span.from, span.to), piece.first() && span.from == 0));
        }
    }

    private void spans(String text, Consumer<Span> each) {
        Matcher matcher = delimiter.matcher(text);
        int end = 0;
        while (matcher.find()) {
            if (matcher.start() == matcher.end() && isInsideCharacter(text, matcher.start())) {
                continue;
            }
            if (end < matcher.start()) {
                each.accept(new Span(end, matcher.start(), inverted));
            }
            each.accept(new Span(matcher.start(), matcher.end(), !inverted));
            end = matcher.end();
        }
        if (end < text.length()) {
            each.accept(new Span(end, text.length(), inverted));
        }
    }

    /// Java finds what matches nothing between the two halves of a character as well.
    private static boolean isInsideCharacter(String text, int at) {
        return at > 0 && at < text.length() && Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at));
    }

    private List<Span> merged(List<Span> spans) {
        boolean backwards = behavior == Behavior.MERGED_WITH_NEXT;
        List<Span> result = new ArrayList<>();
        boolean afterDelimiter = false;
        for (Span span : backwards ? spans.reversed() : spans) {
            boolean joins = behavior == Behavior.CONTIGUOUS
                    ? span.delimiter == afterDelimiter
                    : span.delimiter && !afterDelimiter;
            if (joins && !result.isEmpty()) {
                Span last = result.removeLast();
                result.add(new Span(Math.min(last.from, span.from), Math.max(last.to, span.to), false));
            } else {
                result.add(span);
            }
            afterDelimiter = span.delimiter;
        }
        return backwards ? result.reversed() : result;
    }
}
