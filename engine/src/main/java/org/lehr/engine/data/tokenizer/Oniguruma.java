package org.lehr.engine.data.tokenizer;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.lehr.engine.data.DataException;

/// Regular expressions of tokenizer files, which are Oniguruma's, as Java's.
///
/// In both `\s` and `\d` are those of Unicode (here by a flag). They differ in: `\w` and `\b`, to which all numbers
/// belong in Oniguruma; `{n,m}+`, which repeats in Oniguruma and is possessive in Java; `{,m}`; `\h`, a hexadecimal
/// digit; names of properties, and symbols, which are punctuation; `^` and `$`, which are ends of lines; a brace
/// that is no repetition.
final class Oniguruma {

    private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES;
    private static final Pattern REPETITION = Pattern.compile("\\{(\\d*)(,?)(\\d*)}(\\+?)");
    // U+20000 is a letter anyway: by its presence Java looks back by whole characters and not by halves.
    private static final String WORD = "\\p{L}\\p{M}\\p{N}\\p{Pc}\uD840\uDC00";
    private static final String WORD_EDGE = "(?:(?<=[%1$s])(?![%1$s])|(?<![%1$s])(?=[%1$s]))".formatted(WORD);
    private static final String PUNCTUATION = "\\p{P}\\p{S}";
    private static final Map<String, String> PROPERTIES = Map.ofEntries(
            Map.entry("Letter", "L"),
            Map.entry("Mark", "M"),
            Map.entry("Number", "N"),
            Map.entry("Punctuation", "P"),
            Map.entry("Symbol", "S"),
            Map.entry("Separator", "Z"),
            Map.entry("Other", "C"));

    private final String source;
    private final StringBuilder out = new StringBuilder();
    private final Deque<Integer> groups = new ArrayDeque<>();
    private int at;
    private int atom;
    private boolean inSet;

    private Oniguruma(String source) {
        this.source = source;
    }

    /// The expression at `part`.
    ///
    /// @throws DataException naming the place when it is not one, or not one that Java knows
    static Pattern compile(Part part) {
        String source = part.text();
        try {
            return Pattern.compile(new Oniguruma(source).translate(), FLAGS);
        } catch (PatternSyntaxException e) {
            throw new DataException(
                    part.place() + ": cannot read the expression '" + source + "': " + e.getDescription(), e);
        }
    }

    private String translate() {
        while (at < source.length()) {
            switch (source.charAt(at)) {
                case '(' -> {
                    groups.push(out.length());
                    copy(1);
                }
                case ')' -> {
                    atom = groups.isEmpty() ? out.length() : groups.pop();
                    copy(1);
                }
                case '[' -> {
                    atom = out.length();
                    set();
                }
                case '\\' -> {
                    atom = out.length();
                    escape();
                }
                case '{' -> repetition();
                case '*', '+', '?', '|', '^', '$' -> copy(1);
                default -> {
                    atom = out.length();
                    copy(Character.charCount(source.codePointAt(at)));
                }
            }
        }
        return out.toString();
    }

    private void copy(int count) {
        int end = Math.min(at + count, source.length());
        out.append(source, at, end);
        at = end;
    }

    private void set() {
        int depth = 0;
        inSet = true;
        do {
            char c = source.charAt(at);
            if (c == '\\') {
                escape();
            } else if (source.startsWith("[:", at) && source.indexOf(":]", at) > 0) {
                int end = source.indexOf(":]", at);
                property(source.substring(at + 2, end));
                at = end + 2;
            } else {
                depth += c == '[' ? 1 : c == ']' ? -1 : 0;
                copy(1);
            }
        } while (depth > 0 && at < source.length());
        inSet = false;
    }

    private void escape() {
        char kind = at + 1 < source.length() ? source.charAt(at + 1) : 0;
        int brace = source.indexOf('}', at);
        switch (kind) {
            case 'w' -> replace(2, "[" + WORD + "]");
            case 'W' -> replace(2, "[^" + WORD + "]");
            case 'b' -> replace(2, inSet ? "\\x08" : WORD_EDGE);
            case 'h' -> replace(2, "[0-9A-Fa-f]");
            case 'H' -> replace(2, "[^0-9A-Fa-f]");
            case 'u' -> copy(6);
            case 'x' -> copy(source.startsWith("{", at + 2) ? brace + 1 - at : 4);
            case 'p', 'P' -> {
                if (!source.startsWith("{", at + 2) || brace < 0) {
                    throw new PatternSyntaxException("a property needs braces", source, at);
                }
                String name = source.substring(at + 3, brace);
                boolean not = name.startsWith("^") != (kind == 'P');
                property((not ? "^" : "") + (name.startsWith("^") ? name.substring(1) : name));
                at = brace + 1;
            }
            default -> copy(2);
        }
    }

    private void replace(int count, String by) {
        out.append(by);
        at += count;
    }

    /// Writes the property `name`, or its complement when the name begins with `^`.
    private void property(String name) {
        boolean not = name.startsWith("^");
        String plain = not ? name.substring(1) : name;
        String java = plain.length() <= 2 ? plain : PROPERTIES.getOrDefault(plain, "Is" + plain);
        switch (plain.toLowerCase(Locale.ROOT)) {
            case "word" -> out.append(not ? "[^" : "[").append(WORD).append(']');
            case "punct" -> out.append(not ? "[^" : "[").append(PUNCTUATION).append(']');
            // With Java's Unicode flag these are the classes that Unicode recommends, as in Oniguruma.
            case "alpha", "digit", "space", "upper", "lower", "alnum", "blank", "cntrl", "graph", "print" ->
                out.append(not ? "\\P{" : "\\p{")
                        .append(Character.toUpperCase(plain.charAt(0)))
                        .append(plain.substring(1).toLowerCase(Locale.ROOT))
                        .append('}');
            case "xdigit" -> out.append(not ? "[^0-9A-Fa-f]" : "[0-9A-Fa-f]");
            default -> out.append(not ? "\\P{" : "\\p{").append(java).append('}');
        }
    }

    private void repetition() {
        var found = REPETITION.matcher(source).region(at, source.length());
        if (!found.lookingAt() || found.group(1).isEmpty() && found.group(3).isEmpty()) {
            atom = out.length();
            replace(1, "\\{");
            return;
        }
        String least = found.group(1).isEmpty() ? "0" : found.group(1);
        String bounds = "{" + least + found.group(2) + found.group(3) + "}";
        if (found.group(4).isEmpty()) {
            out.append(bounds);
        } else if (Integer.parseInt(least) <= 1 && !found.group(2).isEmpty()) {
            out.append(least.equals("0") ? "*" : "+");
        } else {
            out.insert(atom, "(?:").append(bounds).append(")+");
        }
        at = found.end();
    }
}
