package org.lehr.engine.optim;

import java.util.List;
import org.lehr.engine.optim.transform.StateFormat;

/// An optimizer by its hyper-parameters, of which one for given parameters is made.
///
/// A public record in `optim.recipe` whose components are schedules, numbers, truth values or strings, each with a
/// [Default], is found by its name in lower case; see [OptimizerSpec].
public interface Recipe {

    /// An optimizer at step 0.
    ///
    /// @param format how moments are stored
    /// @throws IllegalArgumentException when it cannot store them so
    Optimizer over(List<ParameterGroup> groups, StateFormat format);

    /// As [#over(List, StateFormat)] in full precision.
    default Optimizer over(List<ParameterGroup> groups) {
        return over(groups, StateFormat.FULL);
    }
}
