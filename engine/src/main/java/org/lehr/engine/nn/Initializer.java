package org.lehr.engine.nn;

import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// How a parameter begins. Fans of a weight `[out, in, ...]`: `fanIn = in·(rest)`, `fanOut = out·(rest)`.
@FunctionalInterface
public interface Initializer {

    /// A tensor of this shape, from `random` where chance plays a part.
    Tensor make(DType dtype, Shape shape, RandomStream random);

    /// Every element `value`.
    static Initializer constant(double value) {
        return (dtype, shape, random) -> Tensor.full(value, Device.current(), dtype, shape.toArray());
    }

    /// Normal with mean 0.
    static Initializer normal(double deviation) {
        return (dtype, shape, random) -> random.normal(dtype, shape.toArray()).mul(deviation);
    }

    /// Normal with mean 0, where what lies beyond two deviations is drawn again. The deviation of the
    /// result is 0.88 of `deviation`.
    static Initializer truncatedNormal(double deviation) {
        return (dtype, shape, random) -> {
            Tensor draws = random.normal(dtype, shape.toArray());
            double[] values = draws.toDoubleArray();
            RandomStream again = random.split("truncated");
            for (int i = 0; i < values.length; i++) {
                while (Math.abs(values[i]) > 2) {
                    values[i] = again.normal(DType.FLOAT64, 1).item();
                }
                values[i] *= deviation;
            }
            return Tensor.of(values, shape.toArray()).to(dtype);
        };
    }

    /// Uniform in `[−bound, bound)`.
    static Initializer uniform(double bound) {
        return (dtype, shape, random) ->
                random.uniform(dtype, shape.toArray()).mul(2 * bound).sub(bound);
    }

    /// Uniform with variance `2/(fanIn + fanOut)` (Glorot, Bengio 2010).
    static Initializer xavierUniform() {
        return (dtype, shape, random) ->
                uniform(Math.sqrt(6.0 / (fanIn(shape) + fanOut(shape)))).make(dtype, shape, random);
    }

    /// Normal with variance `2/(fanIn + fanOut)` (Glorot, Bengio 2010).
    static Initializer xavierNormal() {
        return (dtype, shape, random) ->
                normal(Math.sqrt(2.0 / (fanIn(shape) + fanOut(shape)))).make(dtype, shape, random);
    }

    /// Uniform with variance `2/fanIn`, for rectifiers (He et al. 2015).
    static Initializer heUniform() {
        return (dtype, shape, random) -> uniform(Math.sqrt(6.0 / fanIn(shape))).make(dtype, shape, random);
    }

    /// Normal with variance `2/fanIn`, for rectifiers (He et al. 2015).
    static Initializer heNormal() {
        return (dtype, shape, random) -> normal(Math.sqrt(2.0 / fanIn(shape))).make(dtype, shape, random);
    }

    /// Uniform in `±1/√fanIn`, the default of linear layers in PyTorch.
    static Initializer fanInUniform() {
        return (dtype, shape, random) -> uniform(1 / Math.sqrt(fanIn(shape))).make(dtype, shape, random);
    }

    /// Orthonormal rows or, where there are more rows than columns, orthonormal columns of the matrix
    /// `[out, in·(rest)]`, times `gain` (Saxe, McClelland, Ganguli 2014).
    static Initializer orthogonal(double gain) {
        return (dtype, shape, random) -> {
            if (shape.rank() < 2 || shape.size() == 0) {
                throw new IllegalArgumentException(
                        "orthogonal: needs a matrix of at least one element, got the shape " + shape);
            }
            long rows = shape.extent(0);
            long columns = shape.size() / rows;
            long count = Math.min(rows, columns);
            long length = Math.max(rows, columns);
            Tensor vectors = Tensor.of(
                    Orthonormal.rows(random.normal(DType.FLOAT64, count, length).toDoubleArray(), (int) count),
                    count,
                    length);
            Tensor matrix = rows > columns ? vectors.transpose(0, 1).contiguous() : vectors;
            return matrix.mul(gain).reshape(shape.toArray()).to(dtype);
        };
    }

    /// A normal matrix `[out, in·(rest)]` of which only the largest singular values are kept, scaled so that the
    /// root of
    /// the sum of their squares is `norm` (Liu et al. 2024): a high rank learns lazily, a low one richly.
    ///
    /// @param rank how many are kept, at least 1; all when the matrix has no more
    static Initializer lowRank(int rank, double norm) {
        return (dtype, shape, random) ->
                Spectrum.ofNormal(shape, random).truncated(rank).scaledTo(norm).matrix(dtype, shape);
    }

    /// A matrix `[out, in·(rest)]` with these singular values and random singular vectors.
    ///
    /// @param values at most as many as the smaller side; the others are zero
    static Initializer spectrum(double... values) {
        double[] given = values.clone();
        return (dtype, shape, random) ->
                Spectrum.ofNormal(shape, random).withValues(given).matrix(dtype, shape);
    }

    private static double fanIn(Shape shape) {
        return Math.max(1, (double) shape.size() / Math.max(1, shape.extent(0)));
    }

    private static double fanOut(Shape shape) {
        return Math.max(1, (double) shape.size() / Math.max(1, shape.extent(Math.min(1, shape.rank() - 1))));
    }
}
