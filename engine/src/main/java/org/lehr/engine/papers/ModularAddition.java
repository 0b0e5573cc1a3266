package org.lehr.engine.papers;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// All sums `(a + b) mod p`, some of which are for learning (Power et al. 2022). Inputs are two one-hot codes, `[n,
/// 2·p]`.
///
/// @param learn a random share
/// @param rest the others
public record ModularAddition(Examples learn, Examples rest) {

    /// @param share of the sums that are for learning, in `(0, 1)`
    public static ModularAddition of(int p, double share, RandomStream random) {
        if (p < 2 || !(share > 0 && share < 1)) {
            throw new IllegalArgumentException(
                    "modular addition: needs p ≥ 2 and a share in (0, 1), got " + p + " and " + share);
        }
        double[] draws = random.uniform(DType.FLOAT64, (long) p * p).toDoubleArray();
        List<Integer> order = IntStream.range(0, p * p)
                .boxed()
                .sorted(Comparator.comparingDouble(pair -> draws[pair]))
                .toList();
        int cut = (int) Math.round(share * p * p);
        return new ModularAddition(examples(p, order.subList(0, cut)), examples(p, order.subList(cut, p * p)));
    }

    private static Examples examples(int p, List<Integer> pairs) {
        double[] x = new double[pairs.size() * 2 * p];
        long[] labels = new long[pairs.size()];
        for (int row = 0; row < pairs.size(); row++) {
            int a = pairs.get(row) / p;
            int b = pairs.get(row) % p;
            x[row * 2 * p + a] = 1;
            x[row * 2 * p + p + b] = 1;
            labels[row] = (a + b) % p;
        }
        return new Examples(Tensor.of(x, pairs.size(), 2 * p).to(DType.FLOAT32), Tensor.of(labels, pairs.size()));
    }
}
