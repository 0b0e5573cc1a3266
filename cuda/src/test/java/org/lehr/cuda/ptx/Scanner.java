package org.lehr.cuda.ptx;

/// Cuts a file of PTX into pieces: `{`, `}`, what ends with `;`, labels, and what stands before a `{` that opens a
/// body.
final class Scanner {

    private final String text;
    private int at;
    private int line = 1;
    private int pieceLine;

    /// @param text of a file; its comments are read over
    Scanner(String text) {
        this.text = blankComments(text);
    }

    /// Line where the last piece began.
    int line() {
        return pieceLine;
    }

    /// The next piece inside a body, without its `;`; null at the end.
    String nextInBody() {
        if (!skipSpace()) {
            return null;
        }
        char first = text.charAt(at);
        if (first == '{' || first == '}') {
            at++;
            return String.valueOf(first);
        }
        return upTo(";:");
    }

    /// The next piece outside of bodies: a declaration, or the head of a function whose body comes next; null at
    /// the
    /// end.
    String nextOutside() {
        if (!skipSpace()) {
            return null;
        }
        if (startsWithDirective(".version")
                || startsWithDirective(".target")
                || startsWithDirective(".address_size")
                || startsWithDirective(".file")) {
            return upTo("\n");
        }
        boolean function = isFunctionHead();
        return upTo(function ? ";{" : ";");
    }

    /// What ended the last piece.
    char end() {
        return text.charAt(at - 1);
    }

    private boolean isFunctionHead() {
        int stop = text.indexOf('{', at);
        int semicolon = text.indexOf(';', at);
        String head = text.substring(
                at, Math.min(stop < 0 ? text.length() : stop, semicolon < 0 ? text.length() : semicolon));
        return head.contains(".func") || head.contains(".entry");
    }

    private boolean startsWithDirective(String directive) {
        return text.startsWith(directive, at);
    }

    private String upTo(String ends) {
        int start = at;
        boolean quoted = false;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '\n') {
                line++;
            }
            quoted ^= c == '"';
            boolean doubled = c == ':' && (text.charAt(at) == ':' || text.charAt(at - 2) == ':');
            if (!quoted && !doubled && ends.indexOf(c) >= 0) {
                String piece = text.substring(start, at - 1).strip();
                return c == ':' ? piece + ":" : piece;
            }
        }
        throw new PtxSyntaxException(
                pieceLine, "the file ends inside of " + text.substring(start).strip());
    }

    private boolean skipSpace() {
        while (at < text.length() && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == ';')) {
            if (text.charAt(at) == '\n') {
                line++;
            }
            at++;
        }
        pieceLine = line;
        return at < text.length();
    }

    private static String blankComments(String text) {
        StringBuilder out = new StringBuilder(text);
        int at = 0;
        while ((at = out.indexOf("/", at)) >= 0 && at + 1 < out.length()) {
            char next = out.charAt(at + 1);
            int end = next == '/' ? out.indexOf("\n", at) : next == '*' ? out.indexOf("*/", at) + 2 : at;
            for (int i = at; i < (end < at ? out.length() : end); i++) {
                if (out.charAt(i) != '\n') {
                    out.setCharAt(i, ' ');
                }
            }
            at++;
        }
        return out.toString();
    }
}
