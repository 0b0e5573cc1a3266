package org.lehr.engine.distributed;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Keeps the same module on all ranks: each takes the gradient on its share of a batch, and all take the same step with
/// the mean. The optimizers of all ranks must be alike and have no more than the gradients to go by.
public final class Replicas {

    /// Numbers of each random stream that belong to one rank: no training takes as many.
    private static final int STREAM_BITS = 40;

    private final Communicator ranks;
    private final Module module;
    private GradientExchange exchange;

    /// @param ranks that each have such a module; all make this object
    public Replicas(Communicator ranks, Module module) {
        this.ranks = ranks;
        this.module = module;
    }

    public int size() {
        return ranks.size();
    }

    /// Brings all ranks to the state of the first, and moves each to random numbers of its own, so that no two
    /// ranks drop
    /// the same units. Called once, before the first step and after a checkpoint was loaded.
    public void align() {
        List<Pending> begun = new ArrayList<>();
        module.state().values().forEach(tensor -> begun.add(ranks.broadcast(tensor.detach(), 0)));
        Pending.all(begun).await();
        for (RandomStream stream : module.streams().values()) {
            RandomStream.State state = stream.state();
            stream.restore(new RandomStream.State(state.key(), state.counter() + ((long) ranks.rank() << STREAM_BITS)));
        }
    }

    /// Begins to average the gradients of a step: to be told of each leaf as its gradient becomes complete in the
    /// last
    /// backward pass of the step, so that gradients travel while others are computed.
    public Consumer<Tensor> exchange() {
        ranks.telemetry().nextIteration();
        exchange = new GradientExchange(ranks, module.parameters().values());
        return exchange;
    }

    /// Replaces the gradients by their means over the ranks, after the backward pass that [#exchange] was told of.
    public void averageGradients() {
        exchange.finish();
        exchange = null;
    }

    /// Brings what modules note in a step, such as running means, together: the mean over ranks, and of whole
    /// numbers those
    /// of the first rank.
    public void averageBuffers() {
        Map<String, Parameter> parameters = module.parameters();
        List<Pending> begun = new ArrayList<>();
        module.state().forEach((path, tensor) -> {
            if (!parameters.containsKey(path)) {
                begun.add(
                        tensor.dtype().isFloating()
                                ? ranks.allReduce(tensor, Reduction.MEAN)
                                : ranks.broadcast(tensor, 0));
            }
        });
        Pending.all(begun).await();
    }

    /// The means of tensors over the ranks, as new tensors on the host.
    List<Tensor> means(List<Tensor> tensors) {
        List<Tensor> means = new ArrayList<>();
        List<Pending> begun = new ArrayList<>();
        for (Tensor tensor : tensors) {
            Tensor mean = Tensor.empty("mean over ranks", Device.cpu(), tensor.dtype(), tensor.shape());
            mean.copyFrom(tensor);
            means.add(mean);
            begun.add(ranks.allReduce(mean, Reduction.MEAN));
        }
        Pending.all(begun).await();
        return means;
    }

    /// The mean of a number over the ranks.
    public double mean(double value) {
        Tensor mean = Tensor.of(new double[] {value});
        ranks.allReduce(mean, Reduction.MEAN).await();
        return mean.toDoubleArray()[0];
    }

    /// Whether any rank says so.
    public boolean any(boolean value) {
        Tensor any = Tensor.of(new int[] {value ? 1 : 0});
        ranks.allReduce(any, Reduction.MAX).await();
        return any.toDoubleArray()[0] != 0;
    }
}
