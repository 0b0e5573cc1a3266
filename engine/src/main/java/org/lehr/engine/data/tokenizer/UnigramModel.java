package org.lehr.engine.data.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.lehr.engine.data.DataException;

/// A unigram language model (Kudo 2018): of all ways to cut a piece into tokens, the one with the highest sum of
/// scores, by Viterbi's algorithm. A character that is no token has the lowest score of all less 10; a row of
/// them is one unknown token, or its bytes `<0x00>` to `<0xFF>` where the model falls back to bytes; where there is
/// neither, it is an error.
final class UnigramModel implements TokenModel {

    private static final double UNKNOWN_PENALTY = 10;

    private final Vocabulary vocabulary;
    private final double[] scores;
    private final LongIntTable edges;
    private final int[] tokenAt;
    private final int[] bytes;
    private final int unknown;
    private final boolean byteFallback;
    private final double unknownScore;

    private UnigramModel(Part part, Map<String, Integer> ids, double[] scores) {
        this.scores = scores;
        vocabulary = new Vocabulary(ids);
        bytes = vocabulary.byteTokens();
        byteFallback = part.at("byte_fallback").flag(false);
        unknown = part.at("unk_id").isAbsent() ? -1 : part.at("unk_id").number();
        if (unknown >= scores.length) {
            throw part.at("unk_id").wrong("expected one of the " + scores.length + " tokens");
        }
        unknownScore = Arrays.stream(scores).min().orElse(0) - UNKNOWN_PENALTY;
        int characters = ids.keySet().stream().mapToInt(String::length).sum();
        edges = new LongIntTable(characters);
        int[] nodes = new int[characters + 1];
        Arrays.fill(nodes, -1);
        int count = 1;
        for (Map.Entry<String, Integer> token : ids.entrySet()) {
            int node = 0;
            for (int i = 0; i < token.getKey().length(); i++) {
                long edge = edge(node, token.getKey().charAt(i));
                int child = edges.get(edge);
                if (child == LongIntTable.ABSENT) {
                    child = count++;
                    edges.put(edge, child);
                }
                node = child;
            }
            nodes[node] = token.getValue();
        }
        tokenAt = Arrays.copyOf(nodes, count);
    }

    private static long edge(int node, char next) {
        return (long) node << 16 | next;
    }

    static UnigramModel read(Part part) {
        List<Part> entries = part.at("vocab").list();
        Map<String, Integer> ids = new HashMap<>();
        double[] scores = new double[entries.size()];
        for (int id = 0; id < scores.length; id++) {
            List<Part> entry = entries.get(id).list();
            if (entry.size() != 2) {
                throw entries.get(id).wrong("expected a token and its score");
            }
            ids.put(entry.get(0).text(), id);
            scores[id] = entry.get(1).real();
        }
        return new UnigramModel(part, ids, scores);
    }

    @Override
    public String name() {
        return "unigram";
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public void encode(String piece, IntConsumer tokens) {
        int[] from = new int[piece.length() + 1];
        int[] last = new int[piece.length() + 1];
        search(piece, from, last);
        int[] cuts = new int[piece.length() + 1];
        int count = 0;
        for (int at = piece.length(); at > 0; at = from[at]) {
            cuts[count++] = at;
        }
        int start = 0;
        for (int i = count - 1; i >= 0; i--) {
            boolean joinsNext = i > 0 && last[cuts[i]] == unknown && last[cuts[i - 1]] == unknown;
            if (!joinsNext) {
                emit(piece.substring(start, cuts[i]), tokens);
                start = cuts[i];
            }
        }
    }

    /// The best way to each place: where its last token begins, and which it is.
    private void search(String piece, int[] from, int[] last) {
        double[] best = new double[piece.length() + 1];
        Arrays.fill(best, 1, best.length, Double.NEGATIVE_INFINITY);
        Arrays.fill(from, -1);
        for (int start = 0; start < piece.length(); start = piece.offsetByCodePoints(start, 1)) {
            int single = piece.offsetByCodePoints(start, 1);
            boolean known = false;
            int node = 0;
            for (int end = start; end < piece.length(); ) {
                node = edges.get(edge(node, piece.charAt(end++)));
                if (node == LongIntTable.ABSENT) {
                    break;
                }
                int token = tokenAt[node];
                if (token >= 0) {
                    known |= end == single;
                    improve(best, from, last, start, end, token, scores[token]);
                }
            }
            if (!known) {
                improve(best, from, last, start, single, unknown, unknownScore);
            }
        }
    }

    private static void improve(double[] best, int[] from, int[] last, int start, int end, int token, double score) {
        double total = best[start] + score;
        if (from[end] < 0 || total > best[end]) {
            best[end] = total;
            from[end] = start;
            last[end] = token;
        }
    }

    private void emit(String text, IntConsumer tokens) {
        int id = vocabulary.id(text);
        if (id >= 0) {
            tokens.accept(id);
            return;
        }
        byte[] encoded = EscapedText.encode(text);
        boolean spelled = byteFallback;
        for (byte b : encoded) {
            spelled &= bytes[Byte.toUnsignedInt(b)] >= 0;
        }
        if (spelled) {
            for (byte b : encoded) {
                tokens.accept(bytes[Byte.toUnsignedInt(b)]);
            }
        } else if (unknown >= 0) {
            tokens.accept(unknown);
        } else {
            throw new DataException("tokenizer: '" + text + "' is no token, and there is no unknown token");
        }
    }
}
