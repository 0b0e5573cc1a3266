package org.lehr.engine.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;

/// A function whose result is known, to be run again for its gradient. Its own inputs come first, then the
/// tensors that it read by itself.
final class Checkpoint implements Op {

    private final Function<Tensor[], Tensor> function;
    private final int arguments;
    private final List<RandomStream> streams;
    private final List<RandomStream.State> places;
    private Tensor result;

    Checkpoint(
            Function<Tensor[], Tensor> function,
            int arguments,
            List<RandomStream> streams,
            List<RandomStream.State> places,
            Tensor result) {
        this.function = function;
        this.arguments = arguments;
        this.streams = List.copyOf(streams);
        this.places = places;
        this.result = result;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor known = result;
        result = null;
        return known;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        boolean graph = Recording.isOn();
        return Recording.set(true, () -> {
            Tensor[] inputs = call.inputs();
            for (int i = 0; i < arguments; i++) {
                if (inputs[i].requiresGradient()) {
                    inputs[i] = Tensor.apply(new Alias(), inputs[i]);
                }
            }
            Tensor again = again(inputs);
            // Also those that want no gradient now: the walk must end at them.
            List<Tensor> ends = new ArrayList<>();
            for (Tensor input : inputs) {
                if (input.requiresGradient()) {
                    ends.add(input);
                }
            }
            Tensor[] gradients = new Tensor[inputs.length];
            if (!again.requiresGradient()) {
                return gradients;
            }
            Tensor[] found = new BackwardPass(graph, graph).partial(List.of(again), List.of(dy), ends);
            int next = 0;
            for (int i = 0; i < inputs.length; i++) {
                if (inputs[i].requiresGradient()) {
                    gradients[i] = call.needs(i) ? found[next] : null;
                    next++;
                }
            }
            return gradients;
        });
    }

    /// The recorded result, from the random numbers of the first run.
    private Tensor again(Tensor... inputs) {
        List<RandomStream.State> now = streams.stream().map(RandomStream::state).toList();
        restore(places);
        try {
            Tensor[] own = new Tensor[arguments];
            System.arraycopy(inputs, 0, own, 0, arguments);
            return function.apply(own);
        } finally {
            restore(now);
        }
    }

    private void restore(List<RandomStream.State> states) {
        for (int i = 0; i < states.size(); i++) {
            streams.get(i).restore(states.get(i));
        }
    }
}
