package org.lehr.engine.schedule.control;

import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Require;

/// A number that is set by hand, or by a search.
public final class Dial implements Controller {

    static final CodeEntry ENTRY = CodeEntry.of("dial", "a number that is set during the run", Dial.class)
            .like("optax", "inject_hyperparams");

    private double value;

    public Dial(double value) {
        set(value);
    }

    /// Sets the number, finite and not negative.
    public void set(double value) {
        Require.value("dial", "value", value);
        this.value = value;
    }

    @Override
    public double value() {
        return value;
    }

    @Override
    public SequencedMap<String, Double> state() {
        return SavedState.write("value", value);
    }

    @Override
    public void restore(Map<String, Double> state) {
        set(SavedState.of("dial", state, state().keySet()).number("value"));
    }
}
