package org.lehr.engine.optim;

import java.util.List;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;

/// A recipe that is a chain of transforms.
public interface ChainRecipe extends Recipe {

    /// The learning rate by step.
    Schedule rate();

    /// What makes the update of the gradient.
    List<Transform> chain();

    @Override
    default Optimizer over(List<ParameterGroup> groups, StateFormat format) {
        return new ChainedOptimizer(groups, rate(), chain(), format);
    }
}
