package org.lehr.engine.nn.scaling;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lehr.engine.nn.Module;

/// Rates that fall with the distance from the output, for fine-tuning: what lies near the input, and is most general,
/// changes least (discriminative fine-tuning, ULMFiT; Howard, Ruder 2018; layer-wise decay of ELECTRA and DeBERTa).
///
/// The depth of a parameter is read from its path: the first whole number in it is that of its layer. What is
/// registered
/// before the first layer (embeddings) lies one below it, what comes after (norms, heads) one above the last.
/// Parameters
/// of one depth learn at one rate.
public final class LayerwiseRates {

    private static final Pattern NUMBER = Pattern.compile("(?:^|\\.)([0-9]+)(?=\\.)");

    private LayerwiseRates() {}

    /// The depth of each parameter by path, from 0 on without gaps.
    ///
    /// @throws IllegalArgumentException when no path has a number
    public static SequencedMap<String, Integer> depths(Module model) {
        TreeSet<Integer> layers = new TreeSet<>();
        for (String path : model.parameters().keySet()) {
            Matcher number = NUMBER.matcher(path);
            if (number.find()) {
                layers.add(Integer.valueOf(number.group(1)));
            }
        }
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("layerwise rates: expected paths with numbers of layers, such as"
                    + " layers.0.weight, got " + model.parameters().keySet());
        }
        SequencedMap<String, Integer> depths = new LinkedHashMap<>();
        int above = layers.last() + 1;
        int last = layers.first() - 1;
        for (String path : model.parameters().keySet()) {
            Matcher number = NUMBER.matcher(path);
            boolean within = number.find();
            if (within) {
                last = Integer.parseInt(number.group(1));
            }
            depths.put(path, within || last < layers.first() ? last : above);
        }
        TreeSet<Integer> places = new TreeSet<>(depths.values());
        depths.replaceAll((_, depth) -> places.headSet(depth).size());
        return depths;
    }

    /// By how much the rate of each parameter is multiplied, by path: `decay` to the power of how many depths lie
    /// above
    /// it. For [org.lehr.engine.optim.ScaledGroups].
    ///
    /// @param decay in `(0, 1]`; usually 0.8 to 0.95, in ULMFiT `1/2.6`
    public static SequencedMap<String, Double> factors(Module model, double decay) {
        if (!(decay > 0 && decay <= 1)) {
            throw new IllegalArgumentException("layerwise rates: decay must be in (0, 1], got " + decay);
        }
        SequencedMap<String, Integer> depths = depths(model);
        int top = depths.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        SequencedMap<String, Double> factors = new LinkedHashMap<>();
        depths.forEach((path, depth) -> factors.put(path, StrictMath.pow(decay, top - depth)));
        return factors;
    }
}
