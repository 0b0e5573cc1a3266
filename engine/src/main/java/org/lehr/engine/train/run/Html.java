package org.lehr.engine.train.run;

/// Text made safe to stand in HTML.
final class Html {

    private Html() {}

    /// `text` with everything that HTML would read as markup spelled out. Control characters, which a model of
    /// bytes writes while it is young and HTML forbids, become their visible pictures (U+2400 and on).
    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                case '\n', '\t' -> out.append((char) c);
                default -> out.appendCodePoint(visible(c));
            }
        });
        return out.toString();
    }

    private static int visible(int c) {
        if (c < 0x20) {
            return 0x2400 + c;
        }
        if (c == 0x7F) {
            return 0x2421;
        }
        boolean forbidden = c < 0xA0 && c >= 0x80 || c >= 0xD800 && c <= 0xDFFF || (c & 0xFFFE) == 0xFFFE;
        return forbidden ? 0xFFFD : c;
    }
}
