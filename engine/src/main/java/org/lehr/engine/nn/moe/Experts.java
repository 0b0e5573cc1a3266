package org.lehr.engine.nn.moe;

import java.util.stream.IntStream;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.GroupedMatmul;
import org.lehr.kernels.DType;

/// Feed-forward layers of one shape, their weights stacked: `w2·activation(w1·x)` or, gated,
/// `w2·(activation(w1·x)·(w3·x))`. Parameters `w1 [e, hidden, n]`, `w2 [e, n, hidden]`, `w3 [e, hidden, n]`; see
/// [MixtralNames] for one file of each expert.
public final class Experts extends Module {

    /// The shape of an expert.
    ///
    /// @param width width of a token
    /// @param hidden inner width
    /// @param gated whether the gated form is meant
    public record Form(long width, long hidden, Activation activation, boolean gated) {
        public Form {
            if (width < 1 || hidden < 1) {
                throw new IllegalArgumentException(
                        "experts: sizes must be positive, got width " + width + " and hidden " + hidden);
            }
        }
    }

    private final Form form;
    private final Parameter up;
    private final Parameter down;
    private final Parameter linear;

    /// @param weight how each expert's first weights begin
    /// @param output how the weight of its last map begins
    public Experts(int count, Form form, Initializer weight, Initializer output, RandomStream random) {
        if (count < 1) {
            throw new IllegalArgumentException("experts: needs at least one, got " + count);
        }
        this.form = form;
        Shape in = Shape.of(form.hidden, form.width);
        up = parameter("w1", stacked(count, in, weight, random.split("w1")));
        down = parameter("w2", stacked(count, Shape.of(form.width, form.hidden), output, random.split("w2")));
        linear = form.gated ? parameter("w3", stacked(count, in, weight, random.split("w3"))) : null;
    }

    /// Each expert's matrix is made by itself, so that an initializer sees its fans.
    private static Tensor stacked(int count, Shape shape, Initializer initializer, RandomStream random) {
        return Concat.stack(
                0,
                IntStream.range(0, count)
                        .mapToObj(i -> initializer.make(DType.FLOAT32, shape, random.split(i)))
                        .toArray(Tensor[]::new));
    }

    /// Each expert on its rows. `rows [m, n], offsets int64 [e + 1] → [m, n]`
    Tensor apply(Tensor rows, Tensor offsets) {
        Tensor inner = form.activation.apply(product(rows, up, offsets));
        return product(linear == null ? inner : inner.mul(product(rows, linear, offsets)), down, offsets);
    }

    private static Tensor product(Tensor rows, Parameter weights, Tensor offsets) {
        return GroupedMatmul.groupedMatmul(rows, weights.value().transpose(1, 2), offsets);
    }
}
