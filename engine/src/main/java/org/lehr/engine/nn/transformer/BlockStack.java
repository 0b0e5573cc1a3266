package org.lehr.engine.nn.transformer;

import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.nn.KeyValueCache;
import org.lehr.engine.nn.attention.AttentionMask;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// The blocks of a model in the order in which a token meets them.
public final class BlockStack {

    private final Depth depth;
    private final List<TransformerBlock> distinct;

    /// Makes blocks; the model registers them.
    public BlockStack(Depth depth, BlockForm form, Positions positions, Initial initial, RandomStream random) {
        this.depth = depth;
        distinct = IntStream.range(0, depth.distinct())
                .mapToObj(i -> new TransformerBlock(
                        form, positions, initial.weight(), initial.output(depth.layers()), random.split(i)))
                .toList();
    }

    /// The blocks with weights of their own.
    public List<TransformerBlock> distinct() {
        return distinct;
    }

    /// The block of layer `i`.
    public TransformerBlock layer(int i) {
        return distinct.get(depth.block(i));
    }

    /// Runs all layers over what `mask` leaves visible. `x [b, t, n] → [b, t, n]`
    public Tensor apply(Tensor x, AttentionMask mask) {
        Tensor y = x;
        for (int i = 0; i < depth.layers(); i++) {
            y = layer(i).apply(y, mask);
        }
        return y;
    }

    /// Runs all layers, each in its own causal way.
    public Tensor apply(Tensor x) {
        Tensor y = x;
        for (int i = 0; i < depth.layers(); i++) {
            y = layer(i).apply(y);
        }
        return y;
    }

    /// Causally, for positions that follow those in `caches`: for each row one for each layer.
    public Tensor extend(Tensor x, List<List<KeyValueCache>> caches) {
        Tensor y = x;
        for (int i = 0; i < depth.layers(); i++) {
            int place = i;
            y = layer(i).extend(y, caches.stream().map(row -> row.get(place)).toList());
        }
        return y;
    }

    /// Trained values that a token meets in the blocks, shared ones as often as it meets them.
    public double metParameters() {
        return IntStream.range(0, depth.layers())
                .mapToDouble(i -> layer(i).parameterCount())
                .sum();
    }
}
