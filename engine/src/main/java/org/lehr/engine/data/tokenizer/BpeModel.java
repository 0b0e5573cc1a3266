package org.lehr.engine.data.tokenizer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;
import org.lehr.engine.data.DataException;

/// Byte-pair encoding (Sennrich, Haddow, Birch 2016): a piece begins as its characters, and of the pairs of neighbours
/// that may be merged, the one that was learnt first is, the leftmost of several, until there is none.
///
/// A character that is no token becomes its bytes, `<0x00>` to `<0xFF>`, where the model has them, else the unknown
/// token, else nothing.
final class BpeModel implements TokenModel {

    /// What a model does besides merging.
    ///
    /// @param unknown the token for characters that are none, null for leaving them out
    /// @param fuseUnknown whether a row of unknown characters is one token
    /// @param byteFallback whether characters that are no tokens become bytes
    /// @param wholeFirst whether a piece that is a token is taken as it is
    /// @param continuation what all characters of a piece but the first are preceded by
    /// @param ending what the last character of a piece is followed by
    record Form(
            String unknown,
            boolean fuseUnknown,
            boolean byteFallback,
            boolean wholeFirst,
            String continuation,
            String ending) {}

    private final Vocabulary vocabulary;
    private final Form form;
    private final LongIntTable ranks;
    private final int[] merged;
    private final int[] bytes;
    private final int unknown;

    /// @param merges pairs of tokens, the first learnt first
    private BpeModel(Part part, Vocabulary vocabulary, List<Pair> merges, Form form) {
        this.vocabulary = vocabulary;
        this.form = form;
        bytes = vocabulary.byteTokens();
        ranks = new LongIntTable(merges.size());
        merged = new int[merges.size()];
        unknown = form.unknown == null ? -1 : vocabulary.id(form.unknown);
        if (form.unknown != null && unknown < 0) {
            throw part.at("unk_token").wrong("expected a token of the vocabulary");
        }
        for (int rank = 0; rank < merged.length; rank++) {
            Pair pair = merges.get(rank);
            String joined = pair.left + pair.right.substring(Math.min(form.continuation.length(), pair.right.length()));
            merged[rank] = vocabulary.id(joined);
            int left = vocabulary.id(pair.left);
            int right = vocabulary.id(pair.right);
            if (left < 0 || right < 0 || merged[rank] < 0) {
                throw new DataException(part.place() + ".merges[" + rank + "]: '" + pair.left + "' and '" + pair.right
                        + "' and what they make must be tokens of the vocabulary");
            }
            ranks.put(LongIntTable.pair(left, right), rank);
        }
    }

    private record Pair(String left, String right) {}

    static BpeModel read(Part part) {
        Map<String, Integer> ids = new HashMap<>();
        Part vocabulary = part.at("vocab");
        for (var entry : vocabulary.fields()) {
            ids.put(entry.getKey(), new Part(vocabulary.place() + "." + entry.getKey(), entry.getValue()).number());
        }
        if (!part.at("dropout").isAbsent() && part.at("dropout").real() != 0) {
            throw part.at("dropout").wrong("expected none: text must give the same tokens each time");
        }
        Form form = new Form(
                part.at("unk_token").text(null),
                part.at("fuse_unk").flag(false),
                part.at("byte_fallback").flag(false),
                part.at("ignore_merges").flag(false),
                part.at("continuing_subword_prefix").text(""),
                part.at("end_of_word_suffix").text(""));
        List<Pair> merges =
                part.at("merges").list().stream().map(BpeModel::pair).toList();
        return new BpeModel(part, new Vocabulary(ids), merges, form);
    }

    /// A merge is a list of two tokens, or in older files a text with a space between them.
    private static Pair pair(Part part) {
        if (part.node().isArray() && part.node().size() == 2) {
            return new Pair(part.list().get(0).text(), part.list().get(1).text());
        }
        String text = part.text();
        int space = text.indexOf(' ');
        if (space < 0 || text.indexOf(' ', space + 1) >= 0) {
            throw part.wrong("expected two tokens");
        }
        return new Pair(text.substring(0, space), text.substring(space + 1));
    }

    @Override
    public String name() {
        return "bpe";
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public void encode(String piece, IntConsumer tokens) {
        int whole = form.wholeFirst ? vocabulary.id(piece) : -1;
        if (whole >= 0) {
            tokens.accept(whole);
        } else {
            merge(characters(piece), tokens);
        }
    }

    private Symbols characters(String piece) {
        Symbols symbols = new Symbols(piece.length() * (form.byteFallback ? 4 : 1));
        boolean pending = false;
        for (int at = 0; at < piece.length(); ) {
            int end = piece.offsetByCodePoints(at, 1);
            String character = (at > 0 ? form.continuation : "")
                    + piece.substring(at, end)
                    + (end == piece.length() ? form.ending : "");
            at = end;
            int id = vocabulary.id(character);
            if (id < 0 && form.byteFallback && addBytes(character, symbols)) {
                continue;
            }
            // An unknown character waits for the next known one, as several may become one token.
            if (pending && (id >= 0 || !form.fuseUnknown)) {
                symbols.add(unknown);
                pending = false;
            }
            if (id >= 0) {
                symbols.add(id);
            } else {
                pending = unknown >= 0;
            }
        }
        if (pending) {
            symbols.add(unknown);
        }
        return symbols;
    }

    private boolean addBytes(String character, Symbols symbols) {
        byte[] encoded = EscapedText.encode(character);
        for (byte b : encoded) {
            if (bytes[Byte.toUnsignedInt(b)] < 0) {
                return false;
            }
        }
        for (byte b : encoded) {
            symbols.add(bytes[Byte.toUnsignedInt(b)]);
        }
        return true;
    }

    /// Symbols as a linked list, so that a merge costs the same wherever it happens.
    private static final class Symbols {
        private final int[] ids;
        private final int[] before;
        private final int[] after;
        private int size;

        Symbols(int capacity) {
            ids = new int[capacity];
            before = new int[capacity];
            after = new int[capacity];
        }

        void add(int id) {
            ids[size] = id;
            before[size] = size - 1;
            after[size] = size + 1;
            size++;
        }

        /// Puts `id` in the place of the symbol at `at` and of the one behind it.
        void join(int at, int id) {
            int gone = after[at];
            ids[at] = id;
            ids[gone] = -1;
            after[at] = after[gone];
            if (after[at] < size) {
                before[after[at]] = at;
            }
        }
    }

    private void merge(Symbols symbols, IntConsumer tokens) {
        // Rank and place in one number: the smallest is the next merge. Those that are overtaken are recognised later.
        PriorityQueue<Long> queue = new PriorityQueue<>();
        for (int at = 0; at + 1 < symbols.size; at++) {
            offer(symbols, at, queue);
        }
        while (!queue.isEmpty()) {
            long next = queue.poll();
            int at = (int) next;
            int rank = (int) (next >>> 32);
            if (rank(symbols, at) == rank) {
                symbols.join(at, merged[rank]);
                offer(symbols, symbols.before[at], queue);
                offer(symbols, at, queue);
            }
        }
        for (int at = 0; at < symbols.size; at = symbols.after[at]) {
            tokens.accept(symbols.ids[at]);
        }
    }

    private void offer(Symbols symbols, int at, PriorityQueue<Long> queue) {
        int rank = rank(symbols, at);
        if (rank >= 0) {
            queue.add((long) rank << 32 | at);
        }
    }

    /// The rank of merging the symbol at `at` with the one behind it, −1 for none.
    private int rank(Symbols symbols, int at) {
        if (at < 0 || symbols.ids[at] < 0 || symbols.after[at] >= symbols.size) {
            return -1;
        }
        return ranks.get(LongIntTable.pair(symbols.ids[at], symbols.ids[symbols.after[at]]));
    }
}
