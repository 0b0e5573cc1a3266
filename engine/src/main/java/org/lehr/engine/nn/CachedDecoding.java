package org.lehr.engine.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// A decoding that keeps keys and values: a token costs its own pass through the layers and attention to what was
/// kept. Prompts are read one by one; after that all sequences take a step together, each attending to its own caches.
///
/// A sequence that has filled the context begins anew with its last half, so that positions stay within what the model
/// was trained for.
public final class CachedDecoding implements Decoding {

    /// A model that reads on from where its caches are.
    public interface Forward {

        /// The scores behind the last of the tokens, which are added to the caches.
        /// `tokens int [b, t] → [b, 1, vocabulary]`
        ///
        /// @param caches for each sequence, one cache for each place that needs one
        Tensor last(Tensor tokens, List<List<KeyValueCache>> caches);
    }

    /// A sequence: what the caches have seen, and the scores of what comes next.
    private static final class Sequence {
        private int[] seen = {};
        private List<KeyValueCache> caches = List.of();
        private float[] scores;

        Sequence fork() {
            Sequence fork = new Sequence();
            fork.seen = seen;
            fork.caches = caches.stream().map(KeyValueCache::fork).toList();
            fork.scores = scores.clone();
            return fork;
        }
    }

    private final Forward model;
    private final int places;
    private final int context;
    private List<Sequence> sequences;

    /// @param places how many caches a sequence needs
    public CachedDecoding(Forward model, int places, long context, List<int[]> prompts) {
        this.model = model;
        this.places = places;
        this.context = Math.toIntExact(context);
        sequences = prompts.stream()
                .map(prompt -> {
                    Sequence sequence = new Sequence();
                    begin(sequence, tail(prompt, this.context));
                    return sequence;
                })
                .toList();
    }

    private static int[] tail(int[] tokens, int most) {
        return Arrays.copyOfRange(tokens, Math.max(0, tokens.length - most), tokens.length);
    }

    private void begin(Sequence sequence, int[] tokens) {
        sequence.caches = Stream.generate(KeyValueCache::new).limit(places).toList();
        sequence.seen = tokens;
        read(List.of(sequence), tokens);
    }

    /// Lets the sequences read the tokens `[b, t]` that were just added to them.
    private void read(List<Sequence> rows, int[] tokens) {
        try (var _ = Scope.open()) {
            Tensor input = Tensor.of(tokens, rows.size(), tokens.length / rows.size());
            List<List<KeyValueCache>> caches =
                    rows.stream().map(row -> row.caches).toList();
            Tensor scores = Recording.off(() -> model.last(input, caches));
            for (int i = 0; i < rows.size(); i++) {
                rows.get(i).scores = scores.slice(0, i, i + 1).toFloatArray();
            }
        }
    }

    @Override
    public float[][] scores() {
        return sequences.stream().map(sequence -> sequence.scores).toArray(float[][]::new);
    }

    @Override
    public void append(int[] tokens) {
        List<Sequence> stepping = new ArrayList<>();
        for (int i = 0; i < tokens.length; i++) {
            Sequence sequence = sequences.get(i);
            int[] longer = Arrays.copyOf(sequence.seen, sequence.seen.length + 1);
            longer[sequence.seen.length] = tokens[i];
            if (longer.length > context) {
                begin(sequence, tail(longer, (context + 1) / 2));
            } else {
                sequence.seen = longer;
                stepping.add(sequence);
            }
        }
        if (!stepping.isEmpty()) {
            read(
                    stepping,
                    stepping.stream()
                            .mapToInt(sequence -> sequence.seen[sequence.seen.length - 1])
                            .toArray());
        }
    }

    @Override
    public void select(int[] rows) {
        boolean[] taken = new boolean[sequences.size()];
        List<Sequence> old = sequences;
        sequences = IntStream.of(rows)
                .mapToObj(row -> {
                    Sequence sequence = taken[row] ? old.get(row).fork() : old.get(row);
                    taken[row] = true;
                    return sequence;
                })
                .toList();
    }
}
