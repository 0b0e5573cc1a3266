package org.lehr.engine.optim.transform;

import java.util.List;

/// A part of an optimizer: changes the updates of a step, and keeps what it needs for the next one in slots.
///
/// A transform holds hyper-parameters only, and may be shared by optimizers.
public interface Transform {

    /// What it keeps.
    default List<Slot> slots() {
        return List.of();
    }

    /// Changes the updates of all parameters of a step. Runs without recording.
    void apply(Step step);

    /// Whether it looks at the loss again, so that a step needs an [org.lehr.engine.optim.Evaluation].
    default boolean evaluates() {
        return false;
    }
}
