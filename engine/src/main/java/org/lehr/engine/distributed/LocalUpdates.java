package org.lehr.engine.distributed;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Values;
import org.lehr.engine.optim.WrappedOptimizer;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Local SGD (Stich 2019), local AdamW and the like: each rank takes steps by itself, on batches of its own, and at the
/// end of every round all continue from the mean of their parameters.
///
/// Each rank puts this around an optimizer of its own; all are alike. Ranks are brought to one beginning by
/// [Replicas#align]. Within a round a rank knows nothing of the others, so the optimizer may ask for whatever it likes.
/// Float32 masters are averaged where there are such. Buffers of the module, such as running means, are averaged too;
/// what a module does to them after a step comes after that, and is averaged at the end of the next round.
///
/// A rank resumes with the same bits from its own module, its own streams and this optimizer's state, in which the
/// round is. State: where the present round ends and how many have ended.
public final class LocalUpdates extends WrappedOptimizer {

    private static final String ROUND = "round";

    /// What becomes of the optimizer's state at the end of a round.
    public enum Moments {
        /// Each rank keeps its own.
        LOCAL,
        /// All go on with the mean.
        AVERAGED
    }

    private final Replicas replicas;
    private final SynchronizationRule rule;
    private final Moments moments;

    /// @param inner takes the steps of this rank; at step 0, or loaded through this
    /// @param replicas of the module on all ranks
    /// @throws IllegalArgumentException when moments are to be averaged that are stored as codes
    public LocalUpdates(Optimizer inner, Replicas replicas, SynchronizationRule rule, Moments moments) {
        super(inner, List.of(new Slot(ROUND, true, Slot.Kind.EXACT, _ -> Tensor.of(new long[2], 2))));
        this.replicas = Objects.requireNonNull(replicas, "replicas");
        this.rule = Objects.requireNonNull(rule, "rule");
        this.moments = Objects.requireNonNull(moments, "moments");
        inner.state().forEach((key, tensor) -> {
            if (moments == Moments.AVERAGED && tensor.dtype() == DType.UINT8) {
                throw new IllegalArgumentException(
                        "local updates: " + key
                                + " is stored as codes, of which there is no mean; store moments as numbers or keep them local");
            }
        });
    }

    /// How many rounds have ended.
    public long synchronizations() {
        return round()[1];
    }

    /// After how many steps the present round ends, or the last one ended.
    public long end() {
        return round()[0];
    }

    private long[] round() {
        return slot(ROUND, "").toLongArray();
    }

    @Override
    public void arrived(Parameter parameter) {
        inner().arrived(parameter);
    }

    @Override
    public void step(double gradientScale, Evaluation evaluation) {
        long[] round = round();
        long begun = steps();
        if (begun >= round[0]) {
            long length = rule.steps(begun);
            if (length < 1) {
                throw new IllegalStateException("local updates: a round has at least one step, got " + length
                        + " for the one after step " + begun);
            }
            round[0] = begun + Math.min(length, Long.MAX_VALUE - begun);
        }
        inner().step(gradientScale, evaluation);
        if (steps() >= round[0]) {
            synchronize();
            round[1]++;
        }
        set(ROUND, "", Tensor.of(round, 2));
    }

    /// Nothing is written before all means are there.
    private void synchronize() {
        Recording.off(() -> {
            try (var _ = Scope.open()) {
                Values values = Values.of(inner());
                List<Tensor> local = new ArrayList<>();
                for (ParameterGroup group : groups()) {
                    group.parameters().forEach((path, parameter) -> local.add(values.get(path, parameter)));
                }
                List<Tensor> state = averagedState();
                local.addAll(state);
                List<Tensor> means = replicas.means(local);
                int next = 0;
                for (ParameterGroup group : groups()) {
                    for (Map.Entry<String, Parameter> entry : group.parameters().entrySet()) {
                        values.set(entry.getKey(), entry.getValue(), means.get(next++));
                    }
                }
                for (Tensor tensor : state) {
                    tensor.copyFrom(means.get(next++));
                }
            }
            return null;
        });
        replicas.averageBuffers();
    }

    /// Counters are the same everywhere, and masters are averaged as parameters.
    private List<Tensor> averagedState() {
        return moments == Moments.LOCAL
                ? List.of()
                : inner().state().entrySet().stream()
                        .filter(entry -> !entry.getKey().startsWith("master/"))
                        .map(Map.Entry::getValue)
                        .filter(tensor -> tensor.dtype().isFloating())
                        .toList();
    }
}
