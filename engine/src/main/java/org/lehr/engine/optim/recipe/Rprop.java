package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Clamp;
import org.lehr.engine.tensor.op.MaskedFill;
import org.lehr.engine.tensor.op.PiecewiseConstant;
import org.lehr.engine.tensor.op.Where;

/// Resilient backpropagation (Riedmiller, Braun 1993; the variant Rprop⁻ with the gradient forgotten where it
/// turned): a step size for each element grows while its gradient keeps its sign and shrinks where it turns. For
/// whole batches. State: two tensors.
///
/// @param rate what the step sizes are multiplied by, 1 for those of the method
/// @param first first step size
/// @param shrinking η⁻, below 1
/// @param growing η⁺, above 1
/// @param least smallest step size
/// @param most largest step size
public record Rprop(
        @Default("1") Schedule rate,
        @Default("0.01") double first,
        @Default("0.5") double shrinking,
        @Default("1.2") double growing,
        @Default("1e-6") double least,
        @Default("50") double most)
        implements ChainRecipe {

    private static final String BEFORE = "prev";
    private static final String SIZE = "step_size";

    public Rprop {
        if (!(shrinking > 0 && shrinking < 1 && growing > 1 && least <= most)) {
            throw new IllegalArgumentException("rprop: needs 0 < shrinking < 1 < growing and least ≤ most, got "
                    + shrinking + ", " + growing + ", " + least + ", " + most);
        }
    }

    @Override
    public List<Transform> chain() {
        return List.of(Rule.of(this::direction, Slot.zeros(BEFORE), Slot.filled(SIZE, first)), new ScaleByRate(rate));
    }

    private Tensor direction(Tensor g, Cell cell) {
        Tensor agreement = PiecewiseConstant.sign(g).mul(PiecewiseConstant.sign(cell.get(BEFORE)));
        Tensor turned = agreement.less(agreement.scalarLike(0));
        Tensor size = cell.get(SIZE);
        Tensor grown = Where.where(agreement.greater(agreement.scalarLike(0)), size.mul(growing), size);
        Tensor next = cell.set(SIZE, Clamp.clamp(Where.where(turned, size.mul(shrinking), grown), least, most));
        Tensor kept = cell.set(BEFORE, MaskedFill.maskedFill(g, turned, 0));
        return PiecewiseConstant.sign(kept).mul(next);
    }
}
