package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.transform.AddDecay;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.optim.transform.Trace;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;

/// Stochastic gradient descent with momentum (Sutskever et al. 2013); in full precision by the kernel of
/// [org.lehr.engine.optim.Sgd], which has the bits of the chain.
///
/// @param rate learning rate
/// @param momentum µ; whether there is momentum at all is decided by its value at step 0
/// @param dampening of what is added to the momentum
/// @param nesterov whether to look ahead
/// @param weightDecay of the penalty `λ/2·p²`
public record Sgd(
        @Default("0.01") Schedule rate,
        @Default("0.9") Schedule momentum,
        @Default("0") double dampening,
        @Default("false") boolean nesterov,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    @Override
    public List<Transform> chain() {
        return momentum.at(0) > 0
                ? List.of(new AddDecay(weightDecay), new Trace(momentum, dampening, nesterov), new ScaleByRate(rate))
                : List.of(new AddDecay(weightDecay), new ScaleByRate(rate));
    }

    @Override
    public Optimizer over(List<ParameterGroup> groups, StateFormat format) {
        var form = new org.lehr.engine.optim.Sgd.Form(rate, momentum, dampening, nesterov, weightDecay);
        return format == StateFormat.FULL
                ? new org.lehr.engine.optim.Sgd(groups, form)
                : ChainRecipe.super.over(groups, format);
    }
}
