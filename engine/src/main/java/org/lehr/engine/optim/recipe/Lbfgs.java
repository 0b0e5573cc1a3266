package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.schedule.Schedule;

/// L-BFGS (Nocedal 1980; Liu, Nocedal 1989): the direction by two loops over the last changes of parameters and
/// gradients, a line search for the strong Wolfe conditions, several iterations a step on the same loss. For whole
/// batches; a step asks for the loss. State: `2·history + 2` tensors and a few numbers.
///
/// @param rate first length that is tried, and the length where there is no search
/// @param iterations of a step
/// @param history how many changes are kept
/// @param search whether to search along the direction
/// @param gradientTolerance largest magnitude in the gradient at which there is nothing left to do
/// @param changeTolerance likewise for the slope along the direction and the change of the parameters
public record Lbfgs(
        @Default("1") Schedule rate,
        @Default("10") long iterations,
        @Default("10") long history,
        @Default("true") boolean search,
        @Default("1e-7") double gradientTolerance,
        @Default("1e-9") double changeTolerance)
        implements Recipe {

    public Lbfgs {
        if (iterations < 1 || history < 1) {
            throw new IllegalArgumentException(
                    "lbfgs: needs iterations and a history of at least 1, got " + iterations + " and " + history);
        }
    }

    @Override
    public Optimizer over(List<ParameterGroup> groups, StateFormat format) {
        if (format != StateFormat.FULL) {
            throw new IllegalArgumentException("lbfgs: keeps its state in full precision, got " + format);
        }
        return new LbfgsOptimizer(groups, this);
    }
}
