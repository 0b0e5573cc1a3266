package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.AdamFamily;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.transform.AddDecay;
import org.lehr.engine.optim.transform.ScaleByAdam;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;

/// Adam (Kingma, Ba 2015); in full precision by the kernel of [org.lehr.engine.optim.Adam], which has the bits of
/// the chain.
///
/// @param rate learning rate
/// @param beta1 decay of the running mean
/// @param beta2 decay of the running square
/// @param epsilon added to the root
/// @param weightDecay of the penalty `λ/2·p²`
/// @param amsgrad whether the largest running square counts (Reddi, Kale, Kumar 2018)
public record Adam(
        @Default("0.001") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("1e-8") double epsilon,
        @Default("0") Schedule weightDecay,
        @Default("false") boolean amsgrad)
        implements ChainRecipe {

    @Override
    public List<Transform> chain() {
        return List.of(
                new AddDecay(weightDecay), new ScaleByAdam(beta1, beta2, epsilon, amsgrad), new ScaleByRate(rate));
    }

    @Override
    public Optimizer over(List<ParameterGroup> groups, StateFormat format) {
        return format == StateFormat.FULL
                ? new org.lehr.engine.optim.Adam(
                        groups, new AdamFamily.Form(rate, beta1, beta2, epsilon, weightDecay, amsgrad))
                : ChainRecipe.super.over(groups, format);
    }
}
