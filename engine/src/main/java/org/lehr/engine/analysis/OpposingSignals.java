package org.lehr.engine.analysis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;

/// Finds the examples that pull training in opposite ways (Rosenfeld, Risteski 2023): a few share a large feature and
/// want different outputs for it, so that their gradients cancel as long as they are balanced; when a step upsets the
/// balance, the losses of some jump up and those of the others down. They are found by how much the loss of each
/// example
/// changes in one step.
public final class OpposingSignals {

    private final int examples;
    private final List<double[]> changes = new ArrayList<>();
    private double[] last;

    /// @param examples how many are watched
    public OpposingSignals(int examples) {
        if (examples < 1) {
            throw new IllegalArgumentException("opposing signals: needs at least one example, got " + examples);
        }
        this.examples = examples;
    }

    /// Takes the losses of all examples, in the same order at every step.
    public void add(double... losses) {
        if (losses.length != examples) {
            throw new IllegalArgumentException(
                    "opposing signals: needs the losses of " + examples + " examples, got " + losses.length);
        }
        if (last != null) {
            double[] before = last;
            changes.add(IntStream.range(0, examples)
                    .mapToDouble(i -> losses[i] - before[i])
                    .toArray());
        }
        last = losses.clone();
    }

    /// How many changes were seen: one less than losses were added.
    public int steps() {
        return changes.size();
    }

    /// The examples whose losses rose most at a step, those that rose more first.
    public int[] rises(int step, int count) {
        double[] change = changes.get(step);
        return ranked(count, Comparator.comparingDouble(i -> -change[i]));
    }

    /// The examples whose losses fell most at a step, those that fell more first.
    public int[] falls(int step, int count) {
        double[] change = changes.get(step);
        return ranked(count, Comparator.comparingDouble(i -> change[i]));
    }

    private int[] ranked(int count, Comparator<Integer> order) {
        return IntStream.range(0, examples)
                .boxed()
                .sorted(order)
                .limit(count)
                .mapToInt(i -> i)
                .toArray();
    }

    /// The correlation of the changes of two groups' mean losses, over the steps from `from` on: near −1 they want
    /// opposite things; NaN when one of both never changes.
    public double correlation(int from, int[] first, int[] second) {
        if (from < 0 || changes.size() - from < 2 || first.length == 0 || second.length == 0) {
            throw new IllegalArgumentException("opposing signals: needs two steps from " + from
                    + " on and groups that are not empty; there were " + changes.size() + " steps");
        }
        return new PearsonsCorrelation().correlation(means(from, first), means(from, second));
    }

    private double[] means(int from, int... group) {
        return changes.subList(from, changes.size()).stream()
                .mapToDouble(change -> IntStream.of(group)
                        .mapToDouble(i -> change[i])
                        .average()
                        .orElseThrow())
                .toArray();
    }
}
