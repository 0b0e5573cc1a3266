package org.lehr.engine.analysis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// The Hessian of a loss with respect to parameters, by its products with vectors (Pearlmutter 1994): it is never held.
/// Vectors have one element for each number of the parameters, in their order.
public final class Curvature {

    private final Supplier<Tensor> loss;
    private final List<Tensor> leaves;
    private final int size;
    private final double[] scales;

    /// @param loss computed from the present values at every call, a scalar
    /// @param parameters with respect to which
    public Curvature(Supplier<Tensor> loss, List<Parameter> parameters) {
        this(loss, parameters, parameters.stream().map(_ -> 1.0).toList());
    }

    /// As descent sees it whose rate is multiplied by a factor for each parameter: in coordinates over which it
    /// goes
    /// with one rate. With the factors in a diagonal `D` the Hessian there is `D^½·H·D^½`, and the gradient
    /// `D^½·g`.
    ///
    /// @param factors of the rate, one for each parameter
    public Curvature(Supplier<Tensor> loss, List<Parameter> parameters, List<Double> factors) {
        if (factors.size() != parameters.size() || factors.stream().anyMatch(factor -> !(factor >= 0))) {
            throw new IllegalArgumentException("curvature: needs a factor of at least 0 for each of "
                    + parameters.size() + " parameters, got " + factors);
        }
        this.loss = loss;
        scales = factors.stream().mapToDouble(Math::sqrt).toArray();
        leaves = parameters.stream().map(Parameter::own).toList();
        size = Math.toIntExact(leaves.stream().mapToLong(Tensor::size).sum());
        if (size == 0) {
            throw new IllegalArgumentException("curvature: there are no parameters");
        }
    }

    /// How many numbers the parameters have.
    public int size() {
        return size;
    }

    /// The gradient of the loss.
    public double[] gradient() {
        try (var _ = Scope.open()) {
            return scaled(flat(Autograd.gradient(List.of(loss.get()), leaves, false)));
        }
    }

    /// The product of the Hessian with `v`.
    public double[] product(double... v) {
        if (v.length != size) {
            throw new IllegalArgumentException("curvature: needs a vector of " + size + " elements, got " + v.length);
        }
        try (var _ = Scope.open()) {
            return scaled(flat(Autograd.hessianVectorProduct(_ -> loss.get(), leaves, split(scaled(v.clone())))));
        }
    }

    private double[] scaled(double... v) {
        int at = 0;
        for (int i = 0; i < scales.length; i++) {
            for (long left = leaves.get(i).size(); left > 0; left--) {
                v[at++] *= scales[i];
            }
        }
        return v;
    }

    private static double[] flat(List<Tensor> parts) {
        return parts.stream()
                .flatMapToDouble(part -> Arrays.stream(part.toDoubleArray()))
                .toArray();
    }

    private List<Tensor> split(double... v) {
        List<Tensor> parts = new ArrayList<>();
        int from = 0;
        for (Tensor leaf : leaves) {
            int to = from + Math.toIntExact(leaf.size());
            parts.add(Tensor.of(Arrays.copyOfRange(v, from, to), leaf.shape().toArray())
                    .to(leaf.dtype()));
            from = to;
        }
        return parts;
    }

    /// The largest eigenvalue, by at most `steps` steps of the Lanczos method from a random vector.
    public double topEigenvalue(int steps, RandomStream random) {
        return Arrays.stream(ritzValues(steps, random)).max().orElseThrow();
    }

    /// The eigenvalues of the Hessian in the space of a random vector's first `steps` products, in descending
    /// order: those at
    /// both ends are close to eigenvalues of the whole (Lanczos 1950, with every vector made orthogonal to all
    /// before).
    ///
    /// @throws ArithmeticException when products are not finite, as after divergence
    public double[] ritzValues(int steps, RandomStream random) {
        if (steps < 1) {
            throw new IllegalArgumentException("curvature: needs at least one step, got " + steps);
        }
        List<double[]> basis = new ArrayList<>();
        basis.add(unit(random.normal(DType.FLOAT64, size).toDoubleArray()));
        List<Double> diagonal = new ArrayList<>();
        List<Double> beside = new ArrayList<>();
        for (int i = 0; i < Math.min(steps, size); i++) {
            double[] next = product(basis.get(i));
            double length = dot(next, basis.get(i));
            if (!Double.isFinite(length)) {
                throw new ArithmeticException("curvature: the loss has no finite second derivatives here");
            }
            diagonal.add(length);
            orthogonalise(next, basis);
            double norm = Math.sqrt(dot(next, next));
            if (norm < 1e-10 * Math.max(1, Math.abs(diagonal.getFirst())) || i == steps - 1) {
                break;
            }
            beside.add(norm);
            basis.add(unit(next));
        }
        return tridiagonal(diagonal, beside);
    }

    /// Twice, because once leaves rounding behind.
    private static void orthogonalise(double[] v, List<double[]> basis) {
        for (int pass = 0; pass < 2; pass++) {
            for (double[] other : basis) {
                double part = dot(v, other);
                for (int i = 0; i < v.length; i++) {
                    v[i] -= part * other[i];
                }
            }
        }
    }

    private static double[] tridiagonal(List<Double> diagonal, List<Double> beside) {
        int n = diagonal.size();
        Array2DRowRealMatrix matrix = new Array2DRowRealMatrix(n, n);
        for (int i = 0; i < n; i++) {
            matrix.setEntry(i, i, diagonal.get(i));
            if (i + 1 < n) {
                matrix.setEntry(i, i + 1, beside.get(i));
                matrix.setEntry(i + 1, i, beside.get(i));
            }
        }
        return new EigenDecomposition(matrix).getRealEigenvalues();
    }

    /// An estimate of the trace: the mean of `vᵀ·H·v` over random vectors of ones and minus ones (Hutchinson 1990).
    public double trace(int samples, RandomStream random) {
        if (samples < 1) {
            throw new IllegalArgumentException("curvature: needs at least one sample, got " + samples);
        }
        double sum = 0;
        for (int i = 0; i < samples; i++) {
            double[] signs = random.uniform(DType.FLOAT64, size).toDoubleArray();
            for (int j = 0; j < size; j++) {
                signs[j] = signs[j] < 0.5 ? -1 : 1;
            }
            sum += dot(signs, product(signs));
        }
        return sum / samples;
    }

    private static double[] unit(double... v) {
        double norm = Math.sqrt(dot(v, v));
        return Arrays.stream(v).map(x -> x / norm).toArray();
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
