package org.lehr.engine.optim.average;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.lehr.engine.nn.Functional;
import org.lehr.engine.nn.Module;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Learns which few weights carry what fine-tuning brought (Panigrahi et al. 2023). Values between those before and
/// after
/// take the place of a model's own: `before + γ⊙(after − before)` with `γ = β(1 − σ(S)) + (1 − β)σ(S)`, where `β` marks
/// a
/// region to begin with and only the scores `S` are trained, on the loss of the task. The models must lie on one
/// device.
///
/// Parameters `PATH.scores` in the shape of each weight of the region.
public final class Graft extends Module {

    private final Module model;
    private final SequencedMap<String, Place> places = new LinkedHashMap<>();

    private record Place(Supplier<Tensor> scores, Tensor before, Tensor moved, Tensor base) {

        Tensor gamma() {
            Tensor leave = scores.get().sigmoid();
            return base.add(leave.mul(base.mul(-2).add(1)));
        }
    }

    /// @param model whose parameters are replaced; it stays as it is
    /// @param before values before fine-tuning, by path
    /// @param after values after it
    /// @param base where the search begins, such as [Region#mostMoved]
    /// @param start of all scores: below 0, `γ` begins near the region; the nearer to 0, the easier it moves
    public Graft(Module model, Map<String, Tensor> before, Map<String, Tensor> after, Region base, double start) {
        if (!(start < 0 && start > Double.NEGATIVE_INFINITY)) {
            throw new IllegalArgumentException("graft: scores must start below 0, got " + start);
        }
        Mixture.requireAlike("graft", before, after);
        this.model = model;
        base.masks().forEach((path, mask) -> {
            Tensor from = before.get(path);
            if (from == null || from.size() != mask.length || !from.dtype().isFloating()) {
                throw new IllegalArgumentException(
                        "graft: expected " + mask.length + " floating values at " + path + " among " + before.keySet());
            }
            long[] shape = from.shape().toArray();
            double[] marks = new double[mask.length];
            for (int i = 0; i < marks.length; i++) {
                marks[i] = mask[i] ? 1 : 0;
            }
            Tensor first = from.detach();
            Tensor scores = Tensor.full(start, from.device(), from.dtype(), shape);
            places.put(
                    path,
                    new Place(
                            parameter(path + ".scores", scores)::value,
                            lasting(first.mul(1)),
                            lasting(after.get(path).detach().sub(first)),
                            lasting(Tensor.of(marks, shape).to(from.dtype()).to(from.device()))));
        });
    }

    private static Tensor lasting(Tensor value) {
        value.storage().complete();
        Scope.detach(value.storage());
        return value;
    }

    /// Runs `work` with the mixed values in place of the model's own; gradients flow to the scores.
    public <T> T call(Supplier<T> work) {
        SequencedMap<String, Tensor> mixed = new LinkedHashMap<>();
        places.forEach(
                (path, place) -> mixed.put(path, place.before.add(place.gamma().mul(place.moved))));
        return Functional.call(model, mixed, work);
    }

    /// Where `γ` is above one half now.
    public Region region() {
        SequencedMap<String, boolean[]> masks = new LinkedHashMap<>();
        places.forEach((path, place) -> {
            double[] gamma = place.gamma().detach().to(DType.FLOAT64).toDoubleArray();
            boolean[] mask = new boolean[gamma.length];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = gamma[i] > 0.5;
            }
            masks.put(path, mask);
        });
        return new Region(masks);
    }
}
