package org.lehr.engine.nn.exit;

import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.LogSoftmax;
import org.lehr.engine.tensor.op.Ranked;

/// How likely a row is to be answered here rather than later, from how sure the answer looks: its largest probability,
/// its
/// entropy over that of a uniform guess, and the distance between its two largest probabilities.
/// `logits [b, classes] → [b]`, in `(0, 1)`
public final class ExitGate extends Layer {

    private final Linear map;

    public ExitGate(RandomStream random) {
        map = child("map", new Linear(3, 1, true, random.split("map")));
    }

    @Override
    protected Tensor forward(Tensor logits) {
        return map.apply(Recording.off(() -> sureness(logits.detach())))
                .squeeze(-1)
                .sigmoid();
    }

    /// `[b, classes] → [b, 3]`
    private static Tensor sureness(Tensor logits) {
        Tensor logs = LogSoftmax.logSoftmax(logits, -1);
        Tensor probabilities = logs.exp();
        long classes = logits.extent(-1);
        Tensor sorted = Ranked.sort(probabilities, 1, true).values();
        Tensor first = sorted.slice(1, 0, 1);
        Tensor second = classes > 1 ? sorted.slice(1, 1, 2) : first.mul(0);
        Tensor entropy = probabilities.mul(logs).sum(true, -1).mul(-1 / Math.log(Math.max(2, classes)));
        return Concat.concat(1, first, entropy, first.sub(second));
    }
}
