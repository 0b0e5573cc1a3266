package org.lehr.engine.optim.offload;

/// What happens to a subgroup in a step.
///
/// @param subgroup its number
public record Event(Kind kind, int subgroup) {

    /// Where time goes.
    public enum Kind {
        /// Its state is copied to the device.
        FETCH,
        /// It is updated there.
        DEVICE,
        /// The copy comes back.
        FLUSH,
        /// It is updated where its state lives.
        HOST,
        /// What such an update made elsewhere comes back.
        BACK
    }
}
