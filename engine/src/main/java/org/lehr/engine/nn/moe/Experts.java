package org.lehr.engine.nn.moe;

import java.util.stream.IntStream;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Feed-forward layers of one shape, their weights stacked: `w2·activation(w1·x)` or, gated,
/// `w2·(activation(w1·x)·(w3·x))`. Parameters `w1 [e, hidden, n]`, `w2 [e, n, hidden]`, `w3 [e, hidden, n]`; see
/// [MixtralNames] for one file of each expert.
public final class Experts extends ExpertBank {

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

    private final Parameter up;
    private final Parameter down;
    private final Parameter linear;

    /// @param weight how each expert's first weights begin
    /// @param output how the weight of its last map begins
    public Experts(int count, Form form, Initializer weight, Initializer output, RandomStream random) {
        super(form);
        if (count < 1) {
            throw new IllegalArgumentException("experts: needs at least one, got " + count);
        }
        int[] all = IntStream.range(0, count).toArray();
        up = parameter("w1", initial("w1", weight, random, all));
        down = parameter("w2", initial("w2", output, random, all));
        linear = form.gated ? parameter("w3", initial("w3", weight, random, all)) : null;
    }

    @Override
    protected Tensor apply(Tensor rows, Tensor offsets) {
        return work(rows, offsets, up.value(), down.value(), linear == null ? null : linear.value());
    }
}
