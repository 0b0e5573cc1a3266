package org.lehr.engine.optim;

/// What can be put around an optimizer without knowing which.
///
/// A public record in `optim.wrapper` is found by its name in lower case, as a [Recipe] is.
public interface Wrapper {

    /// The optimizer that `inner` becomes.
    Recipe around(Recipe inner);
}
