package org.lehr.engine.nn.moe;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;

/// The names that public checkpoints give the weights of experts, `experts.I.w1.weight`, and the stacked ones that
/// [Experts] has, `experts.w1`. Other names stay.
public final class MixtralNames {

    private static final Pattern SINGLE = Pattern.compile("(.*experts)\\.(\\d+)\\.(w[123])\\.weight");
    private static final Pattern STACKED = Pattern.compile("(.*experts)\\.(w[123])");

    private MixtralNames() {}

    /// One matrix for each expert, views of the stacked ones.
    public static SequencedMap<String, Tensor> split(Map<String, Tensor> state) {
        SequencedMap<String, Tensor> split = new LinkedHashMap<>();
        state.forEach((name, tensor) -> {
            Matcher stacked = STACKED.matcher(name);
            if (!stacked.matches()) {
                split.put(name, tensor);
                return;
            }
            for (int i = 0; i < tensor.extent(0); i++) {
                split.put(
                        stacked.group(1) + "." + i + "." + stacked.group(2) + ".weight",
                        tensor.slice(0, i, i + 1).squeeze(0));
            }
        });
        return split;
    }

    /// The matrices of all experts stacked.
    ///
    /// @throws IllegalArgumentException naming an expert that is missing
    public static SequencedMap<String, Tensor> stack(Map<String, Tensor> state) {
        SequencedMap<String, Tensor> joined = new LinkedHashMap<>();
        SequencedMap<String, TreeMap<Integer, Tensor>> experts = new LinkedHashMap<>();
        state.forEach((name, tensor) -> {
            Matcher single = SINGLE.matcher(name);
            if (single.matches()) {
                experts.computeIfAbsent(single.group(1) + "." + single.group(3), _ -> new TreeMap<>())
                        .put(Integer.parseInt(single.group(2)), tensor);
            } else {
                joined.put(name, tensor);
            }
        });
        experts.forEach((name, parts) -> {
            if (parts.lastKey() != parts.size() - 1) {
                throw new IllegalArgumentException(
                        "experts: " + name + " has the experts " + parts.keySet() + ", expected all from 0 on");
            }
            joined.put(name, Concat.stack(0, parts.values().toArray(Tensor[]::new)));
        });
        return joined;
    }
}
