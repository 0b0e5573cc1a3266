package org.lehr.engine.optim.average;

import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Two models mixed along great circles (Shoemake 1985), tensor by tensor:
/// `sin((1 − t)Ω)/sin Ω·a + sin(tΩ)/sin Ω·b`, with `Ω` the angle between `a` and `b`. Tensors of equal length keep it;
/// where the two are parallel, or one is 0, the mixture is linear.
public final class Slerp {

    /// Below this sine the two are as good as parallel.
    private static final double LEAST = 1e-6;

    private Slerp() {}

    /// All tensors with the same `t`.
    public static SequencedMap<String, Tensor> of(Map<String, Tensor> a, Map<String, Tensor> b, double t) {
        return of(a, b, _ -> t);
    }

    /// @param t for each path: 0 gives `a`, 1 gives `b`
    /// @throws IllegalArgumentException when names or shapes differ
    public static SequencedMap<String, Tensor> of(
            Map<String, Tensor> a, Map<String, Tensor> b, ToDoubleFunction<String> t) {
        Mixture.requireAlike("slerp", a, b);
        return Mixture.each(a, (path, first) -> between(first, b.get(path).detach(), t.applyAsDouble(path)));
    }

    private static Tensor between(Tensor a, Tensor b, double t) {
        Tensor x = a.to(DType.FLOAT64);
        Tensor y = b.to(DType.FLOAT64);
        double lengths = Math.sqrt(dot(x, x) * dot(y, y));
        double cosine = lengths == 0 ? 1 : Math.clamp(dot(x, y) / lengths, -1, 1);
        double angle = StrictMath.acos(cosine);
        double sine = StrictMath.sin(angle);
        return sine < LEAST
                ? x.mul(1 - t).add(y.mul(t))
                : x.mul(StrictMath.sin((1 - t) * angle) / sine).add(y.mul(StrictMath.sin(t * angle) / sine));
    }

    private static double dot(Tensor x, Tensor y) {
        return x.size() == 0 ? 0 : x.mul(y).sum().item();
    }
}
