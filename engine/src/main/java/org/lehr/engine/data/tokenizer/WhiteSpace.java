package org.lehr.engine.data.tokenizer;

/// The characters with Unicode's property White_Space; none is outside the basic plane. Java's own predicates each
/// leave some out.
final class WhiteSpace {

    /// The same as an expression.
    static final String EXPRESSION = "\\p{IsWhite_Space}";

    private WhiteSpace() {}

    static boolean is(char c) {
        return c == ' '
                || c >= 0x09 && c <= 0x0D
                || c == 0x85
                || c == 0xA0
                || c == 0x1680
                || c >= 0x2000 && c <= 0x200A
                || c == 0x2028
                || c == 0x2029
                || c == 0x202F
                || c == 0x205F
                || c == 0x3000;
    }
}
