package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.AddDecay;
import org.lehr.engine.optim.transform.ScaleByAdam;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.ScaleByTrust;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;

/// LAMB (You et al. 2020): Adam's direction with decoupled decay, scaled so that each parameter changes by the same
/// share, for large batches. State: two tensors.
///
/// @param rate learning rate
/// @param beta1 decay of the running mean
/// @param beta2 decay of the running square
/// @param epsilon added to the root
/// @param weightDecay added to the direction before it is scaled
public record Lamb(
        @Default("1e-3") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("1e-6") double epsilon,
        @Default("0.01") Schedule weightDecay)
        implements ChainRecipe {

    @Override
    public List<Transform> chain() {
        return List.of(
                new ScaleByAdam(beta1, beta2, epsilon, false),
                new AddDecay(weightDecay),
                new ScaleByTrust(),
                new ScaleByRate(rate));
    }
}
