package org.lehr.engine.nn.moe;

import java.util.stream.IntStream;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.GroupedMatmul;
import org.lehr.kernels.DType;

/// Where the experts of a mixture are: all of them here ([Experts]), or on several ranks.
public abstract class ExpertBank extends Module {

    /// Makes the experts of a mixture. All banks begin with the same values of an expert for the same `random`.
    @FunctionalInterface
    public interface Factory {

        /// @param count how many experts there are
        /// @param weight how each expert's first weights begin
        /// @param output how the weight of its last map begins
        ExpertBank make(int count, Experts.Form form, Initializer weight, Initializer output, RandomStream random);
    }

    private final Experts.Form form;

    /// @param form the shape of each expert
    protected ExpertBank(Experts.Form form) {
        this.form = form;
    }

    /// The shape of each expert.
    public final Experts.Form form() {
        return form;
    }

    /// Each expert on its rows. `rows [m, n], offsets int64 [e + 1] → [m, n]`
    protected abstract Tensor apply(Tensor rows, Tensor offsets);

    /// What experts with these weights make of their rows.
    /// `rows [m, n], offsets int64 [g + 1], up and linear [g, hidden, n], down [g, n, hidden] → [m, n]`
    ///
    /// @param linear null where the form is not gated
    protected final Tensor work(Tensor rows, Tensor offsets, Tensor up, Tensor down, Tensor linear) {
        Tensor inner = form.activation().apply(product(rows, up, offsets));
        return product(linear == null ? inner : inner.mul(product(rows, linear, offsets)), down, offsets);
    }

    private static Tensor product(Tensor rows, Tensor weights, Tensor offsets) {
        return GroupedMatmul.groupedMatmul(rows, weights.transpose(1, 2), offsets);
    }

    /// The first values of some experts' matrices. Each is made by itself, so that an initializer sees its fans,
    /// and an
    /// expert begins as it does wherever it is. `→ [|experts|, rows, columns]`
    ///
    /// @param matrix the name of the matrix: `w1`, `w2` or `w3`
    protected final Tensor initial(String matrix, Initializer initializer, RandomStream random, int... experts) {
        Shape shape =
                matrix.equals("w2") ? Shape.of(form.width(), form.hidden()) : Shape.of(form.hidden(), form.width());
        if (experts.length == 0) {
            return Tensor.zeros(Shape.of(0).then(shape).toArray());
        }
        return Concat.stack(
                0,
                IntStream.of(experts)
                        .mapToObj(i -> initializer.make(
                                DType.FLOAT32, shape, random.split(matrix).split(i)))
                        .toArray(Tensor[]::new));
    }
}
