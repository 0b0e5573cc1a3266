package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Zeroes each element with probability `p` and divides the rest by `1 − p` (Srivastava et al. 2014). The mask is a
/// function of key and counter, so it is made again rather than stored. `x [...] → [...]`
public record Dropout(double p, long key, long counter) implements Op {

    public Dropout {
        if (!(p >= 0 && p < 1)) {
            throw new IllegalArgumentException("dropout: the probability must be in [0, 1), got " + p);
        }
    }

    /// Drops with numbers from `random`, which moves on.
    public static Tensor dropout(Tensor x, double p, RandomStream random) {
        return Tensor.apply(new Dropout(p, random.key(), random.advance(x.size())), x);
    }

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(call.dtype(0), call.shape(0));
        call.backend().randoms().dropout(out.view(), call.input(0).contiguous().view(), p, key, counter);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {Tensor.apply(this, dy)};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
