package org.lehr.engine.optim;

import java.util.List;
import java.util.Locale;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;

/// A wrapper that changes the chain of an optimizer.
public interface ChainWrapper extends Wrapper {

    /// The chain that `inner` becomes.
    List<Transform> change(List<Transform> inner);

    /// @throws IllegalArgumentException when `inner` is no chain
    @Override
    default Recipe around(Recipe inner) {
        if (!(inner instanceof ChainRecipe chain)) {
            throw new IllegalArgumentException(getClass().getSimpleName().toLowerCase(Locale.ROOT)
                    + ": changes a chain of transforms, and " + inner.getClass().getSimpleName() + " is none");
        }
        return new Changed(chain.rate(), change(chain.chain()));
    }

    /// A recipe whose chain was changed.
    record Changed(Schedule rate, List<Transform> chain) implements ChainRecipe {}
}
