package org.lehr.engine.optim.average;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Some of the weights of a model: those in which a skill sits that fine-tuning brought (Panigrahi et al. 2023).
///
/// @param masks for each path whether each value belongs to it, in row-major order
public record Region(SequencedMap<String, boolean[]> masks) {

    private record Moved(String path, int at, double distance) {}

    public Region {
        SequencedMap<String, boolean[]> copies = new LinkedHashMap<>();
        masks.forEach((path, mask) -> copies.put(path, mask.clone()));
        masks = copies;
    }

    /// The values that fine-tuning moved furthest, over all floating tensors together; of equal ones, the first.
    ///
    /// @param share of all values, in [0, 1], rounded to a whole number of them
    /// @throws IllegalArgumentException when names or shapes differ, or a value is not a number
    public static Region mostMoved(Map<String, Tensor> before, Map<String, Tensor> after, double share) {
        Mixture.requireAlike("region", before, after);
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("region: the share must be in [0, 1], got " + share);
        }
        SequencedMap<String, boolean[]> masks = new LinkedHashMap<>();
        Moved[] moved = before.keySet().stream()
                .filter(path -> before.get(path).dtype().isFloating())
                .flatMap(path -> {
                    double[] from = before.get(path).to(DType.FLOAT64).toDoubleArray();
                    double[] to = after.get(path).to(DType.FLOAT64).toDoubleArray();
                    masks.put(path, new boolean[from.length]);
                    return IntStream.range(0, from.length)
                            .mapToObj(i -> new Moved(path, i, distance(path, from[i], to[i])));
                })
                .toArray(Moved[]::new);
        Arrays.sort(moved, Comparator.comparingDouble(Moved::distance).reversed());
        for (int i = 0; i < Math.round(share * moved.length); i++) {
            masks.get(moved[i].path)[moved[i].at] = true;
        }
        return new Region(masks);
    }

    private static double distance(String path, double from, double to) {
        double distance = Math.abs(to - from);
        if (!Double.isFinite(distance)) {
            throw new IllegalArgumentException("region: " + path + " went from " + from + " to " + to);
        }
        return distance;
    }

    /// How many values belong to it.
    public long size() {
        return masks.values().stream().mapToLong(Region::count).sum();
    }

    /// How many of all values belong to it; 0 where there are none.
    public double share() {
        long all = masks.values().stream().mapToLong(mask -> mask.length).sum();
        return all == 0 ? 0 : (double) size() / all;
    }

    private static long count(boolean[] mask) {
        return IntStream.range(0, mask.length).filter(i -> mask[i]).count();
    }

    /// What belongs to this or to the other: the region of both skills.
    public Region union(Region other) {
        return joined(other, true);
    }

    /// What both have over what either has (Jaccard), 0 where both are empty.
    public double overlap(Region other) {
        long either = union(other).size();
        return either == 0 ? 0 : (double) joined(other, false).size() / either;
    }

    private Region joined(Region other, boolean either) {
        SequencedMap<String, boolean[]> joined = new LinkedHashMap<>();
        if (!masks.keySet().equals(other.masks.keySet())) {
            throw new IllegalArgumentException(
                    "region: one is over " + masks.keySet() + ", the other over " + other.masks.keySet());
        }
        masks.forEach((path, mask) -> {
            boolean[] theirs = other.masks.get(path);
            if (theirs.length != mask.length) {
                throw new IllegalArgumentException(
                        "region: " + path + " has " + mask.length + " and " + theirs.length + " values");
            }
            boolean[] both = new boolean[mask.length];
            for (int i = 0; i < both.length; i++) {
                both[i] = either ? mask[i] || theirs[i] : mask[i] && theirs[i];
            }
            joined.put(path, both);
        });
        return new Region(joined);
    }

    /// `γ⊙after + (1 − γ)⊙before`: the fine-tuned values in this region, all others as they were.
    ///
    /// @throws IllegalArgumentException when names or shapes differ, or the region is one of another model
    public SequencedMap<String, Tensor> graft(Map<String, Tensor> before, Map<String, Tensor> after) {
        Mixture.requireAlike("region", before, after);
        masks.forEach((path, mask) -> {
            if (!before.containsKey(path) || before.get(path).size() != mask.length) {
                throw new IllegalArgumentException(
                        "region: expected " + mask.length + " values at " + path + " among " + before.keySet());
            }
        });
        return Mixture.each(before, (path, from) -> {
            double[] values = from.to(DType.FLOAT64).toDoubleArray();
            double[] there = after.get(path).to(DType.FLOAT64).toDoubleArray();
            boolean[] mask = masks.getOrDefault(path, new boolean[values.length]);
            for (int i = 0; i < values.length; i++) {
                values[i] = mask[i] ? there[i] : values[i];
            }
            return Tensor.of(values, from.shape().toArray());
        });
    }
}
