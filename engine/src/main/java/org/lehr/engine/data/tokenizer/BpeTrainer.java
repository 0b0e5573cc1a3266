package org.lehr.engine.data.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.lehr.engine.data.DataException;
import org.lehr.engine.data.Document;

/// Learns a byte-level BPE vocabulary (Sennrich, Haddow, Birch 2016; Radford et al. 2019): tokens 0 to 255 are the
/// bytes, 256 is `<|endoftext|>`, and each further token joins the pair of tokens that occurs most often in the text
/// as it is cut so far. Pairs never reach across the pieces of GPT-2's expression. Of pairs that occur equally often,
/// the one with the smaller left token is taken, then the one with the smaller right token: the same text gives the
/// same vocabulary everywhere. It ends early when no pair occurs twice.
///
/// Different pieces are counted once. Each pair knows its count and the words that it occurs in, so that a merge costs
/// what it changes; a queue holds the pairs by count, and one whose count has sunk meanwhile is put back.
public final class BpeTrainer {

    /// The special token between documents.
    public static final String SEPARATOR = "<|endoftext|>";

    /// The smallest vocabulary, which merges nothing: the bytes and the separator.
    public static final int LEAST = 257;

    private static final int BYTES = 256;
    private static final String BYTE_LEVEL =
            "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true}";

    private static final Comparator<Candidate> MOST_FREQUENT = Comparator.comparingLong(
                    (Candidate candidate) -> -candidate.count)
            .thenComparingLong(candidate -> candidate.pair);

    private record Candidate(long pair, long count) {}

    /// The words in which a pair may occur; some may stand there twice or not have it any more.
    private static final class Places {
        private int[] words = new int[2];
        private int size;

        void add(int word) {
            if (size > 0 && words[size - 1] == word) {
                return;
            }
            if (size == words.length) {
                words = Arrays.copyOf(words, 2 * size);
            }
            words[size++] = word;
        }
    }

    private final List<int[]> words = new ArrayList<>();
    private final int[] lengths;
    private final long[] counts;
    private final LongIntTable pairs = new LongIntTable(1 << 16);
    private final List<Places> places = new ArrayList<>();
    private long[] pairCounts = new long[1 << 16];
    private final Set<Long> grown = new HashSet<>();

    private BpeTrainer(Map<String, long[]> pieces) {
        counts = new long[pieces.size()];
        pieces.forEach((piece, count) -> {
            counts[words.size()] = count[0];
            byte[] bytes = EscapedText.encode(piece);
            words.add(IntStream.range(0, bytes.length)
                    .map(i -> Byte.toUnsignedInt(bytes[i]))
                    .toArray());
        });
        lengths = words.stream().mapToInt(word -> word.length).toArray();
    }

    /// Learns from `documents`.
    ///
    /// @param vocabulary how many tokens there are to be, at least 257
    /// @throws DataException when there is no text
    public static TextTokenizer train(List<Document> documents, int vocabulary) {
        if (vocabulary < LEAST) {
            throw new IllegalArgumentException("tokenizer: a byte-level vocabulary has at least " + LEAST
                    + " tokens, the bytes and a separator, got " + vocabulary);
        }
        Map<String, long[]> pieces = new HashMap<>();
        for (Document document : documents) {
            PreTokenizers.GPT2.split(
                    new Piece(EscapedText.decode(document.bytes()), true),
                    piece -> pieces.computeIfAbsent(piece.text(), text -> new long[1])[0]++);
        }
        if (pieces.isEmpty()) {
            throw new DataException("tokenizer: there is no text to learn from");
        }
        return new BpeTrainer(pieces).learn(vocabulary);
    }

    private TextTokenizer learn(int size) {
        List<String> spellings = new ArrayList<>();
        for (int b = 0; b < BYTES; b++) {
            spellings.add(String.valueOf(ByteAlphabet.character(b)));
        }
        spellings.add(SEPARATOR);
        SequencedMap<String, Integer> vocabulary = new LinkedHashMap<>();
        spellings.forEach(spelling -> vocabulary.put(spelling, vocabulary.size()));
        // Two pairs may spell the same: they stay different here, and are one token of the vocabulary.
        SequencedSet<List<String>> merges = new LinkedHashSet<>();
        count();
        PriorityQueue<Candidate> queue = new PriorityQueue<>(MOST_FREQUENT);
        offerGrown(queue);
        while (vocabulary.size() < size && !queue.isEmpty()) {
            Candidate best = queue.poll();
            long count = pairCounts[pairs.get(best.pair)];
            if (count < best.count) {
                offer(best.pair, count, queue);
                continue;
            }
            List<String> merge = List.of(spellings.get((int) (best.pair >>> 32)), spellings.get((int) best.pair));
            String joined = merge.getFirst() + merge.getLast();
            merges.add(merge);
            vocabulary.putIfAbsent(joined, vocabulary.size());
            join(best.pair, spellings.size());
            spellings.add(joined);
            offerGrown(queue);
        }
        return TokenizerJson.bpe(
                vocabulary, List.copyOf(merges), Map.of(SEPARATOR, BYTES), BYTE_LEVEL, BYTE_LEVEL, false);
    }

    private void count() {
        for (int word = 0; word < words.size(); word++) {
            int[] symbols = words.get(word);
            for (int i = 0; i + 1 < symbols.length; i++) {
                change(symbols[i], symbols[i + 1], counts[word], word);
            }
        }
    }

    private void offerGrown(PriorityQueue<Candidate> queue) {
        grown.forEach(pair -> offer(pair, pairCounts[pairs.get(pair)], queue));
        grown.clear();
    }

    private static void offer(long pair, long count, PriorityQueue<Candidate> queue) {
        if (count > 1) {
            queue.add(new Candidate(pair, count));
        }
    }

    /// Puts `joined` in the place of the pair everywhere, from the left.
    private void join(long pair, int joined) {
        int left = (int) (pair >>> 32);
        int right = (int) pair;
        int index = pairs.get(pair);
        Places where = places.get(index);
        for (int p = 0; p < where.size; p++) {
            int word = where.words[p];
            int[] symbols = words.get(word);
            int length = lengths[word];
            long count = counts[word];
            int kept = 0;
            for (int i = 0; i < length; i++) {
                if (symbols[i] != left || i + 1 == length || symbols[i + 1] != right) {
                    symbols[kept++] = symbols[i];
                    continue;
                }
                if (kept > 0) {
                    change(symbols[kept - 1], left, -count, word);
                    change(symbols[kept - 1], joined, count, word);
                }
                if (i + 2 < length) {
                    change(right, symbols[i + 2], -count, word);
                    change(joined, symbols[i + 2], count, word);
                }
                symbols[kept++] = joined;
                i++;
            }
            lengths[word] = kept;
        }
        pairCounts[index] = 0;
        places.set(index, null);
    }

    private void change(int left, int right, long count, int word) {
        long pair = LongIntTable.pair(left, right);
        int index = pairs.get(pair);
        if (index == LongIntTable.ABSENT) {
            index = places.size();
            pairs.put(pair, index);
            places.add(new Places());
            if (index == pairCounts.length) {
                pairCounts = Arrays.copyOf(pairCounts, 2 * index);
            }
        }
        pairCounts[index] += count;
        if (count > 0) {
            places.get(index).add(word);
            grown.add(pair);
        }
    }
}
