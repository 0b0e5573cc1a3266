package org.lehr.engine.optim.recipe;

import java.util.List;
import java.util.stream.Stream;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.AddDecay;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Clamp;

/// RMSprop (Tieleman, Hinton 2012) in PyTorch's form: `v ← αv + (1 − α)g²`, `u = g/(√v + ε)`; centred by the
/// running mean (Graves 2013): `√(v − m²)`; with momentum `b ← µb + u` in place of `u`. State: one to three
/// tensors.
///
/// @param rate learning rate
/// @param alpha decay of the running square
/// @param epsilon added to the root
/// @param momentum µ; whether there is momentum at all is decided by its value at step 0
/// @param centered whether the square of the mean is taken off
/// @param weightDecay of the penalty `λ/2·p²`
public record RmsProp(
        @Default("0.01") Schedule rate,
        @Default("0.99") Schedule alpha,
        @Default("1e-8") double epsilon,
        @Default("0") Schedule momentum,
        @Default("false") boolean centered,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String SQUARE = "square_avg";
    private static final String MEAN = "grad_avg";
    private static final String MOMENTUM = "momentum_buffer";

    @Override
    public List<Transform> chain() {
        List<Slot> slots = Stream.of(
                        Slot.square(SQUARE),
                        centered ? Slot.mean(MEAN) : null,
                        momentum.at(0) > 0 ? Slot.mean(MOMENTUM) : null)
                .filter(slot -> slot != null)
                .toList();
        return List.of(
                new AddDecay(weightDecay),
                Rule.ofUpdate(this::direction, slots.toArray(Slot[]::new)),
                new ScaleByRate(rate));
    }

    private Update direction(Update update, Cell cell) {
        double a = cell.fraction("rmsprop: alpha", alpha);
        Tensor g = update.tensor();
        Tensor v = cell.set(SQUARE, cell.get(SQUARE).mul(a).add(g.square().mul(1 - a)));
        if (centered) {
            Tensor m = cell.set(MEAN, cell.get(MEAN).mul(a).add(g.mul(1 - a)));
            // Rounding may leave less than nothing of a gradient that does not change.
            v = Clamp.clamp(v.sub(m.square()), 0, Double.POSITIVE_INFINITY);
        }
        Update scaled = Update.quotient(g, v.sqrt().add(epsilon));
        if (momentum.at(0) == 0) {
            return scaled;
        }
        double mu = cell.fraction("rmsprop: the momentum", momentum);
        return Update.of(cell.set(MOMENTUM, cell.get(MOMENTUM).mul(mu).add(scaled.tensor())));
    }
}
