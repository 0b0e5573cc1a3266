package org.lehr.engine.data.tokenizer;

import java.text.Normalizer.Form;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;

/// The normalizers that files name.
final class Normalizers {

    private static final String KNOWN = "NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Replace, Prepend,"
            + " Precompiled, Nmt, ByteLevel, Sequence";

    private Normalizers() {}

    static Normalizer read(Part part) {
        if (part.isAbsent()) {
            return text -> text;
        }
        return switch (part.type()) {
            case "NFC" -> unicode(Form.NFC);
            case "NFD" -> unicode(Form.NFD);
            case "NFKC" -> unicode(Form.NFKC);
            case "NFKD" -> unicode(Form.NFKD);
            case "Lowercase" -> Normalizers::lowercase;
            case "StripAccents" -> text -> keep(text, c -> !isMark(c));
            case "Strip" ->
                strip(part.at("strip_left").flag(true), part.at("strip_right").flag(true));
            case "Replace" -> replacing(part)::apply;
            case "Prepend" -> {
                String prefix = part.at("prepend").text();
                yield text -> text.isEmpty() ? text : prefix + text;
            }
            case "Precompiled" -> Charsmap.read(part.at("precompiled_charsmap"));
            case "Nmt" -> Normalizers::nmt;
            case "ByteLevel" -> ByteAlphabet::spell;
            case "Sequence" -> sequence(part.at("normalizers").list());
            default -> throw part.unknown("normalizer", KNOWN);
        };
    }

    private static Normalizer unicode(Form form) {
        return text -> java.text.Normalizer.normalize(text, form);
    }

    private static Normalizer sequence(List<Part> parts) {
        List<Normalizer> steps = parts.stream().map(Normalizers::read).toList();
        return text -> {
            String result = text;
            for (Normalizer step : steps) {
                result = step.apply(result);
            }
            return result;
        };
    }

    /// What a part with `pattern` and `content` does to a text: every match becomes the content.
    static UnaryOperator<String> replacing(Part part) {
        String content = part.at("content").text();
        Part pattern = part.at("pattern");
        if (!pattern.at("String").isAbsent()) {
            String literal = pattern.at("String").text();
            return literal.isEmpty() ? text -> text : text -> text.replace(literal, content);
        }
        var expression = Oniguruma.compile(pattern.at("Regex"));
        String quoted = Matcher.quoteReplacement(content);
        return text -> expression.matcher(text).replaceAll(quoted);
    }

    /// Character by character: a sigma at the end of a word is not looked at.
    private static String lowercase(String text) {
        StringBuilder lower = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == 'İ') {
                lower.append("i\u0307");
            } else {
                lower.appendCodePoint(Character.toLowerCase(c));
            }
        });
        return lower.toString();
    }

    private static boolean isMark(int character) {
        return switch (Character.getType(character)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> true;
            default -> false;
        };
    }

    private static String keep(String text, IntPredicate kept) {
        return text.codePoints()
                .filter(kept)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static Normalizer strip(boolean left, boolean right) {
        return text -> {
            int from = 0;
            int to = text.length();
            while (left && from < to && WhiteSpace.is(text.charAt(from))) {
                from++;
            }
            while (right && from < to && WhiteSpace.is(text.charAt(to - 1))) {
                to--;
            }
            return text.substring(from, to);
        };
    }

    /// What machine translation did before SentencePiece: controls are dropped, odd spaces become spaces.
    private static String nmt(String text) {
        String kept = keep(
                text,
                c -> !(c >= 1 && c <= 8 || c == 0xB || c >= 0xE && c <= 0x1F || c == 0x7F || c == 0x8F || c == 0x9F));
        StringBuilder spaced = new StringBuilder(kept.length());
        kept.codePoints().forEach(c -> spaced.appendCodePoint(isNmtSpace(c) ? ' ' : c));
        return spaced.toString();
    }

    private static boolean isNmtSpace(int c) {
        return switch (c) {
            case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD -> true;
            default -> c >= 0x200B && c <= 0x200F;
        };
    }
}
