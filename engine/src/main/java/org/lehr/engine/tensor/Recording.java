package org.lehr.engine.tensor;

import java.util.function.Supplier;

/// Whether operations are recorded for differentiation. Bound to the running code, so that an exception restores it and
/// other threads never see it; recording is on unless switched off.
public final class Recording {

    private static final ScopedValue<Boolean> ON = ScopedValue.newInstance();

    private Recording() {}

    /// Whether operations on tensors that require gradients are recorded here.
    public static boolean isOn() {
        return ON.orElse(Boolean.TRUE);
    }

    /// Runs `work` with recording off: its results are constants.
    public static <T> T off(Supplier<T> work) {
        return set(false, work);
    }

    /// Runs `work` with recording on or off.
    public static <T> T set(boolean on, Supplier<T> work) {
        return ScopedValue.where(ON, on).call(work::get);
    }
}
