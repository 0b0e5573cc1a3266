package org.lehr.engine.nn.recurrent;

import java.util.List;
import org.lehr.engine.tensor.Tensor;

/// What a recurrent network does at one time. All of its weights are two maps to `gates·n` values, one of the input and
/// one of the hidden values `h [b, n]`.
public interface Cell {

    /// How many values the maps give for each hidden value.
    int gates();

    /// How many arrays `[b, n]` are remembered; the first one is `h`, which is also the output.
    default int memories() {
        return 1;
    }

    /// What is remembered after this time.
    ///
    /// @param input `W_ih·x + b_ih`, `[b, gates·n]`
    /// @param recurrent `W_hh·h + b_hh`, `[b, gates·n]`
    /// @param before what was remembered
    List<Tensor> next(Tensor input, Tensor recurrent, List<Tensor> before);

    /// Part number `i` of `count` equal ones of the last dimension.
    static Tensor part(Tensor x, int i, int count) {
        long n = x.extent(-1) / count;
        return x.slice(-1, i * n, (i + 1) * n);
    }
}
