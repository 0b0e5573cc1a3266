package org.lehr.engine.tensor;

import java.util.function.Consumer;
import java.util.function.Supplier;

/// Whether operations are recorded for differentiation. Bound to the running code, so that an exception
/// restores it and other threads never see it; recording is on unless switched off.
public final class Recording {

    private record Mode(boolean on, Consumer<Tensor> observer) {}

    private static final ScopedValue<Mode> MODE = ScopedValue.newInstance();

    private Recording() {}

    /// Whether operations on tensors that require gradients are recorded here.
    public static boolean isOn() {
        return !MODE.isBound() || MODE.get().on;
    }

    /// Runs `work` with recording off: its results are constants.
    public static <T> T off(Supplier<T> work) {
        return set(false, work);
    }

    /// Runs `work` with recording on or off.
    public static <T> T set(boolean on, Supplier<T> work) {
        return ScopedValue.where(MODE, new Mode(on, null)).call(work::get);
    }

    /// Runs `work` with recording off and shows each tensor that would have wanted a gradient to `observer`,
    /// every time that an operation reads it.
    public static <T> T observing(Consumer<Tensor> observer, Supplier<T> work) {
        return ScopedValue.where(MODE, new Mode(false, observer)).call(work::get);
    }

    static void observe(Tensor... inputs) {
        Consumer<Tensor> observer = MODE.get().observer;
        for (int i = 0; observer != null && i < inputs.length; i++) {
            if (inputs[i].requiresGradient()) {
                observer.accept(inputs[i]);
            }
        }
    }
}
