package org.lehr.engine.papers;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Embedding;
import org.lehr.engine.tensor.op.IndexSelect;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Generated data with classes, for networks that learn in seconds.
///
/// @param x inputs, `[n, features]`
/// @param labels int64 `[n]`
public record Examples(Tensor x, Tensor labels) {

    /// Points of which a random network with a hidden layer decides the class, a share of whose labels is random.
    ///
    /// @param teacher decides the network; the same for data for learning and for tests
    /// @param noise the share of random labels
    public static Examples taught(RandomStream teacher, RandomStream random, int count, Sizes sizes, double noise) {
        Tensor first = teacher.split("first").normal(DType.FLOAT32, sizes.features, sizes.hidden);
        Tensor second = teacher.split("second").normal(DType.FLOAT32, sizes.hidden, sizes.classes);
        Tensor x = random.split("x").normal(DType.FLOAT32, count, sizes.features);
        Tensor scores = x.matmul(first).relu().matmul(second);
        // Without their mean over points, some classes would hardly occur.
        long[] labels = scores.sub(scores.mean(true, 0)).argMax(1).toLongArray();
        long[] others = random.split("labels").integers(sizes.classes, count).toLongArray();
        double[] draws = random.split("flips").uniform(DType.FLOAT64, count).toDoubleArray();
        for (int i = 0; i < count; i++) {
            labels[i] = draws[i] < noise ? others[i] : labels[i];
        }
        return new Examples(x, Tensor.of(labels, count));
    }

    /// Of data and of the network that decides classes.
    public record Sizes(int features, int hidden, int classes) {}

    /// These, and then others.
    public Examples and(Examples others) {
        return new Examples(Concat.concat(0, x, others.x), Concat.concat(0, labels, others.labels));
    }

    /// Another task of the same difficulty: features in another order, which is the same for all examples.
    public Examples withFeaturesPermuted(RandomStream random) {
        List<Long> order = LongStream.range(0, x.extent(1)).boxed().collect(Collectors.toList());
        Collections.shuffle(order, new Random(random.key()));
        long[] places = order.stream().mapToLong(Long::longValue).toArray();
        return new Examples(IndexSelect.indexSelect(x, 1, Tensor.of(places, places.length)), labels);
    }

    /// How many there are.
    public int count() {
        return (int) labels.size();
    }

    /// The share whose class `network` gives the highest score, as the network stands.
    public double accuracy(Layer network) {
        try (var _ = Scope.open()) {
            long[] found = Autograd.noGradient(() -> network.apply(x).argMax(1)).toLongArray();
            long[] wanted = labels.toLongArray();
            int right = 0;
            for (int i = 0; i < found.length; i++) {
                right += found[i] == wanted[i] ? 1 : 0;
            }
            return (double) right / found.length;
        }
    }

    /// As many as `count`, drawn at random one by one.
    public Examples draw(int count, RandomStream random) {
        return at(random.integers(count(), count));
    }

    /// Those at `rows`, int64.
    Examples at(Tensor rows) {
        return new Examples(Embedding.embedding(x, rows), labels.gather(0, rows));
    }
}
