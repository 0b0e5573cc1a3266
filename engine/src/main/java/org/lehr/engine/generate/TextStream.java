package org.lehr.engine.generate;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.lehr.engine.data.Tokenizer;

/// Tokens of one sequence as text, piece by piece as they come: whole characters only, and nothing of a string that
/// ends the text.
///
/// A piece is what decoding the last tokens gives beyond what it gave before. What may still become a stop string, or a
/// character of several bytes, is held back until it is decided.
public final class TextStream {

    /// Tokens that are decoded again for those behind them: some decoders look at what stands before a token.
    private static final int KEPT = 8;

    private final Tokenizer tokenizer;
    private final List<String> stops;
    private final Consumer<String> out;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder held = new StringBuilder();
    private int[] window;
    private int done;
    private boolean stopped;

    /// @param prompt the tokens before the text
    /// @param stops strings that end the text and are no part of it
    /// @param out told each piece
    public TextStream(Tokenizer tokenizer, int[] prompt, List<String> stops, Consumer<String> out) {
        if (stops.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("generate: a stop string must not be empty, got " + stops);
        }
        this.tokenizer = tokenizer;
        this.stops = List.copyOf(stops);
        this.out = out;
        keep(prompt);
    }

    private void keep(int[] tokens) {
        window = Arrays.copyOfRange(tokens, Math.max(0, tokens.length - KEPT), tokens.length);
        done = tokenizer.decode(window).length;
    }

    /// Takes the next token.
    ///
    /// @return whether the text goes on: false once a stop string has come
    public boolean accept(int token) {
        if (stopped) {
            return false;
        }
        window = Arrays.copyOf(window, window.length + 1);
        window[window.length - 1] = token;
        byte[] bytes = tokenizer.decode(window);
        int end = wholeCharacters(bytes);
        if (end > done) {
            held.append(new String(bytes, done, end - done, StandardCharsets.UTF_8));
            done = end;
            release();
        }
        if (window.length > 4 * KEPT && done == bytes.length) {
            keep(window);
        }
        return !stopped;
    }

    /// Hands out what was held back; what is not a whole character becomes U+FFFD.
    public void end() {
        byte[] bytes = tokenizer.decode(window);
        if (!stopped && bytes.length > done) {
            held.append(new String(bytes, done, bytes.length - done, StandardCharsets.UTF_8));
            done = bytes.length;
            release();
        }
        if (!stopped) {
            emit(held.length());
        }
        stopped = true;
    }

    /// All pieces so far.
    public String text() {
        return text.toString();
    }

    private void release() {
        int first = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            first = at >= 0 && (first < 0 || at < first) ? at : first;
        }
        if (first >= 0) {
            stopped = true;
            emit(first);
        } else {
            emit(held.length() - undecided());
        }
    }

    /// The length of the longest end of what is held that begins a stop string.
    private int undecided() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private void emit(int count) {
        if (count > 0) {
            String piece = held.substring(0, count);
            held.delete(0, count);
            text.append(piece);
            out.accept(piece);
        }
    }

    /// Where the last character that may be incomplete begins.
    private static int wholeCharacters(byte[] bytes) {
        for (int back = 1; back <= Math.min(3, bytes.length); back++) {
            int value = Byte.toUnsignedInt(bytes[bytes.length - back]);
            if (value >= 0xC0) {
                int length = value >= 0xF0 ? 4 : value >= 0xE0 ? 3 : 2;
                return length > back ? bytes.length - back : bytes.length;
            }
            if (value < 0x80) {
                break;
            }
        }
        return bytes.length;
    }
}
