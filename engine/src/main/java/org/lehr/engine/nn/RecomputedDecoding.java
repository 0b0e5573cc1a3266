package org.lehr.engine.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// A decoding for any model: everything is computed anew for each token, sequences of equal length together.
final class RecomputedDecoding implements Decoding {

    private final LanguageModel model;
    private List<int[]> sequences;
    private float[][] scores;

    RecomputedDecoding(LanguageModel model, List<int[]> prompts) {
        this.model = model;
        sequences = List.copyOf(prompts);
        compute();
    }

    @Override
    public float[][] scores() {
        return scores;
    }

    @Override
    public void append(int[] tokens) {
        List<int[]> longer = new ArrayList<>();
        for (int i = 0; i < tokens.length; i++) {
            int[] sequence = sequences.get(i);
            int[] next = Arrays.copyOf(sequence, sequence.length + 1);
            next[sequence.length] = tokens[i];
            longer.add(next);
        }
        sequences = longer;
        compute();
    }

    @Override
    public void select(int[] rows) {
        sequences = Arrays.stream(rows).mapToObj(sequences::get).toList();
        float[][] old = scores;
        scores = Arrays.stream(rows).mapToObj(row -> old[row].clone()).toArray(float[][]::new);
    }

    private void compute() {
        scores = new float[sequences.size()][];
        SequencedMap<Integer, List<Integer>> byLength = new TreeMap<>();
        for (int i = 0; i < scores.length; i++) {
            int visible = (int) Math.min(sequences.get(i).length, model.context());
            byLength.computeIfAbsent(visible, length -> new ArrayList<>()).add(i);
        }
        byLength.forEach(this::compute);
    }

    private void compute(int length, List<Integer> rows) {
        int[] tokens = new int[rows.size() * length];
        for (int i = 0; i < rows.size(); i++) {
            int[] sequence = sequences.get(rows.get(i));
            System.arraycopy(sequence, sequence.length - length, tokens, i * length, length);
        }
        try (var _ = Scope.open()) {
            Tensor logits = Recording.off(() -> model.logits(Tensor.of(tokens, rows.size(), length)));
            Tensor last = logits.slice(1, length - 1, length);
            for (int i = 0; i < rows.size(); i++) {
                scores[rows.get(i)] = last.slice(0, i, i + 1).toFloatArray();
            }
        }
    }
}
