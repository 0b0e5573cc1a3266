package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.AddDecay;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// Adadelta (Zeiler 2012): `v ← ρv + (1 − ρ)g²`, `u = g·√(d + ε)/√(v + ε)`, `d ← ρd + (1 − ρ)u²`. State: two
/// tensors.
///
/// @param rate learning rate
/// @param rho ρ, decay of both running squares
/// @param epsilon ε
/// @param weightDecay of the penalty `λ/2·p²`
public record Adadelta(
        @Default("1") Schedule rate,
        @Default("0.9") Schedule rho,
        @Default("1e-6") double epsilon,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String SQUARE = "square_avg";
    private static final String CHANGE = "acc_delta";

    @Override
    public List<Transform> chain() {
        return List.of(
                new AddDecay(weightDecay),
                Rule.of(this::direction, Slot.square(SQUARE), Slot.square(CHANGE)),
                new ScaleByRate(rate));
    }

    private Tensor direction(Tensor g, Cell cell) {
        double r = cell.fraction("adadelta: rho", rho);
        Tensor v = cell.set(SQUARE, cell.get(SQUARE).mul(r).add(g.square().mul(1 - r)));
        Tensor d = cell.get(CHANGE);
        Tensor u = d.add(epsilon).sqrt().div(v.add(epsilon).sqrt()).mul(g);
        cell.set(CHANGE, d.mul(r).add(u.square().mul(1 - r)));
        return u;
    }
}
