package org.lehr.engine.autograd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// Activation checkpointing (Chen et al. 2016): a part of a computation keeps nothing but its inputs and its
/// result, and runs again when the backward pass arrives.
public final class Checkpointing {

    private Checkpointing() {}

    /// `function(inputs)`, run without recording, its temporaries returned at once; the backward pass runs
    /// it again, with `streams` put back to where they were, and afterwards forward to where they are then.
    /// The result has the same bits as without checkpointing, and so have the gradients of what `function`
    /// reads once; of what it reads more often, the parts are added within `function` first.
    ///
    /// Gradients flow to `inputs` and to every tensor that `function` reads by itself, such as parameters.
    /// They can be differentiated again. With recording off this is `function(inputs)`.
    ///
    /// @param function deterministic up to `streams`: it must read the same tensors both times
    /// @param streams the sources of random numbers that `function` draws from, such as those of a module
    /// @throws org.lehr.engine.tensor.StaleTensorException from the backward pass, when a tensor that was
    ///     read has been overwritten, or the second run reads a leaf that the first did not
    public static Tensor checkpoint(Function<Tensor[], Tensor> function, List<RandomStream> streams, Tensor... inputs) {
        if (!Recording.isOn()) {
            return function.apply(inputs);
        }
        List<RandomStream.State> places =
                streams.stream().map(RandomStream::state).toList();
        Tensor[] constants = new Tensor[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            constants[i] = inputs[i].detach();
        }
        Set<Tensor> met = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Tensor> read = new ArrayList<>(List.of(inputs));
        try (Scope scope = Scope.open()) {
            Tensor result = Recording.observing(
                    tensor -> {
                        if (met.add(tensor)) {
                            read.add(tensor);
                        }
                    },
                    () -> function.apply(constants));
            if (result.requiresGradient() && met.add(result)) {
                read.add(result);
            }
            result.storage().complete();
            scope.keep(result.storage());
            Checkpoint again = new Checkpoint(function, inputs.length, streams, places, result.detach());
            return read.isEmpty() ? result : Tensor.apply(again, read.toArray(Tensor[]::new));
        }
    }
}
