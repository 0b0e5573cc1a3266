package org.lehr.engine.optim.transform;

import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Where;
import org.lehr.kernels.DType;

/// Random numbers of a step that are a function of a seed, a parameter's path and the step, so that nothing about
/// them has to be kept.
public final class Noise {

    private Noise() {}

    /// Standard normal numbers of the shape and dtype of `like`.
    public static Tensor normal(long seed, String path, long index, Tensor like) {
        return stream(seed, path, index)
                .normal(drawn(like), like.shape().toArray())
                .to(like.dtype());
    }

    /// Uniform numbers in `[0, 1)`.
    public static Tensor uniform(long seed, String path, long index, Tensor like) {
        return stream(seed, path, index)
                .uniform(drawn(like), like.shape().toArray())
                .to(like.dtype());
    }

    /// −1 or 1, each with probability ½.
    public static Tensor signs(long seed, String path, long index, Tensor like) {
        Tensor uniform = uniform(seed, path, index, like);
        return Where.where(uniform.less(uniform.scalarLike(0.5)), uniform.scalarLike(-1), uniform.scalarLike(1));
    }

    private static RandomStream stream(long seed, String path, long index) {
        return new RandomStream(seed).split(path).split(index);
    }

    private static DType drawn(Tensor like) {
        return like.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    }
}
