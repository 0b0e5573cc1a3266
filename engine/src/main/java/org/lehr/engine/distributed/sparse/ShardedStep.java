package org.lehr.engine.distributed.sparse;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.lehr.engine.distributed.Communicator;
import org.lehr.engine.distributed.Pending;
import org.lehr.engine.distributed.Reduction;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// A training step of a model whose experts are [sharded][ShardedExperts] and whose other parameters every rank has:
/// gradients of the latter are added up in the order of ranks, those of experts at their owners. The step is that of
/// one
/// rank which adds up the gradients of the batches of all, in the order of ranks.
///
/// @param optimizer over all parameters of `module` on this rank
public record ShardedStep(Communicator communicator, Module module, Optimizer optimizer) {

    /// Takes a step; all ranks do, each with its own batch.
    ///
    /// @param loss the mean loss of this rank's batch
    /// @return the mean over ranks
    public double step(Supplier<Tensor> loss) {
        optimizer.clearGradients();
        try (var _ = Scope.open()) {
            Tensor own = loss.get();
            own.backward();
            Tensor all = own.detach().to(DType.FLOAT64).reshape(1);
            List<Pending> sums = new ArrayList<>();
            List<Tensor> gradients = new ArrayList<>();
            List<Parameter> shared = shared();
            for (Parameter parameter : shared) {
                Tensor gradient = parameter.gradient() == null
                        ? zeros(parameter)
                        : parameter.gradient().contiguous();
                gradients.add(gradient);
                sums.add(communicator.allReduce(gradient, Reduction.SUM));
            }
            sums.add(communicator.allReduce(all, Reduction.SUM));
            Pending.all(sums).await();
            for (int i = 0; i < gradients.size(); i++) {
                shared.get(i).own().setGradient(gradients.get(i));
            }
            optimizer.step(1.0 / communicator.size());
            module.stepped();
            return all.item() / communicator.size();
        }
    }

    private static Tensor zeros(Parameter parameter) {
        return Recording.off(() -> parameter.own().mul(0));
    }

    /// What all ranks have, and trains.
    private List<Parameter> shared() {
        Set<Parameter> sharded = Collections.newSetFromMap(new IdentityHashMap<>());
        module.modules().values().forEach(part -> {
            if (part instanceof ShardedExperts experts) {
                sharded.addAll(experts.parameters().values());
            }
        });
        return module.parameters().values().stream()
                .filter(parameter -> !sharded.contains(parameter) && !parameter.isFrozen())
                .toList();
    }
}
