package org.lehr.engine.nn.hybrid;

import java.util.Map;
import java.util.TreeMap;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// The feed-forward layer of Zamba2: `down(gelu(g)·u)` with `[g ; u] = W·x + B_i·A_i·x`, where only the change of low
/// rank belongs to the call. Names `gate_up_proj`, `down_proj`, `gate_up_proj_adapter_list.i.{0,1}`.
/// `x [..., n] → [..., n]`
final class AdaptedMlp extends Module {

    private final long hidden;
    private final Linear gateUp;
    private final Linear down;
    private final Map<Integer, Sequential> adapters = new TreeMap<>();

    /// @param sites numbers of the calls
    AdaptedMlp(SharedBlock.Form form, Iterable<Integer> sites, Initializer weight, RandomStream random) {
        hidden = form.hidden();
        gateUp =
                child("gate_up_proj", new Linear(form.width(), 2 * hidden, null, weight, random.split("gate_up_proj")));
        down = child("down_proj", new Linear(hidden, form.width(), null, weight, random.split("down_proj")));
        for (int site : sites) {
            adapters.put(
                    site,
                    child(
                            "gate_up_proj_adapter_list." + site,
                            change(
                                    form.width(),
                                    form.rank(),
                                    2 * hidden,
                                    random.split("adapters").split(site))));
        }
    }

    /// A map of low rank that is zero at first (Hu et al. 2022).
    static Sequential change(long in, long rank, long out, RandomStream random) {
        return new Sequential(
                new Linear(in, rank, null, Initializer.fanInUniform(), random.split("0")),
                new Linear(rank, out, null, Initializer.constant(0), random.split("1")));
    }

    Tensor apply(Tensor x, int site) {
        Tensor both = gateUp.apply(x).add(adapters.get(site).apply(x));
        Tensor gate = Activation.GELU.apply(both.slice(-1, 0, hidden));
        return down.apply(gate.mul(both.slice(-1, hidden, 2 * hidden)));
    }
}
