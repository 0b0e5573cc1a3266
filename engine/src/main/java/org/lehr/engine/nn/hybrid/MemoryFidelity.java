package org.lehr.engine.nn.hybrid;

import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.Tensor;

/// How much of what a model has read its memory still tells (Wang et al. 2025). The paper compares tokens with their
/// reconstructions; here a ridge regression on the first half of the samples reconstructs, and the mean cosine on the
/// second half counts: 1 where everything can be read back linearly, about 0 where nothing can.
public final class MemoryFidelity {

    private static final double RIDGE = 1e-3;

    private MemoryFidelity() {}

    /// Within a layer (ETMF): tokens and what the layer gives `distance` times later.
    ///
    /// @param tokens `[b, t, n]`
    /// @param memory `[b, t, f]`
    public static double horizontal(Tensor tokens, Tensor memory, int distance) {
        long times = tokens.extent(1);
        if (distance < 0 || distance >= times || memory.extent(1) != times) {
            throw new IllegalArgumentException("fidelity: needs a distance within " + times + " times of both, got "
                    + distance + " and " + memory.shape());
        }
        return cosine(rows(tokens.slice(1, 0, times - distance)), rows(memory.slice(1, distance, times)));
    }

    /// Between layers (ECLMF): what a layer says and what one above it says at the same time.
    ///
    /// @param lower `[b, t, n]`
    /// @param upper `[b, t, f]`
    public static double vertical(Tensor lower, Tensor upper) {
        return horizontal(lower, upper, 0);
    }

    /// `‖∂y[T − 1]/∂x[t]‖` for each time `t` of `x [1, t, n]`, summed over outputs by a gradient of their sum.
    public static double[] sensitivity(SequenceLayer<?> layer, Tensor x) {
        Tensor input = x.detach().requiringGradient();
        long times = x.extent(1);
        Tensor last = layer.apply(input).slice(1, times - 1, times).sum();
        return Autograd.gradient(List.of(last), List.of(input), false)
                .getFirst()
                .square()
                .sum(2)
                .sqrt()
                .toDoubleArray();
    }

    private static RealMatrix rows(Tensor x) {
        int width = Math.toIntExact(x.extent(2));
        double[] values = x.toDoubleArray();
        double[][] rows = new double[values.length / width][width + 1];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(values, i * width, rows[i], 0, width);
            rows[i][width] = 1;
        }
        return new Array2DRowRealMatrix(rows, false);
    }

    /// The last column of both is 1: what the regression adds, and what is not to be reconstructed.
    private static double cosine(RealMatrix wanted, RealMatrix memory) {
        int count = wanted.getRowDimension();
        int half = count / 2;
        int width = wanted.getColumnDimension() - 1;
        int features = memory.getColumnDimension();
        if (half < features) {
            throw new IllegalArgumentException("fidelity: needs at least twice as many samples as the memory has"
                    + " numbers, got " + count + " and " + features);
        }
        RealMatrix seen = memory.getSubMatrix(0, half - 1, 0, features - 1);
        RealMatrix gram = seen.transpose()
                .multiply(seen)
                .add(MatrixUtils.createRealIdentityMatrix(features).scalarMultiply(RIDGE * half));
        RealMatrix target = seen.transpose().multiply(wanted.getSubMatrix(0, half - 1, 0, width - 1));
        RealMatrix map = new CholeskyDecomposition(gram).getSolver().solve(target);
        RealMatrix found = memory.getSubMatrix(half, count - 1, 0, features - 1).multiply(map);
        double sum = 0;
        for (int i = half; i < count; i++) {
            var original = wanted.getRowVector(i).getSubVector(0, width);
            var read = found.getRowVector(i - half);
            double norms = original.getNorm() * read.getNorm();
            sum += norms == 0 ? 0 : original.dotProduct(read) / norms;
        }
        return sum / (count - half);
    }
}
