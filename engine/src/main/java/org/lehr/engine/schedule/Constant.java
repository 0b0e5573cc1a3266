package org.lehr.engine.schedule;

/// The same number at every step.
public record Constant(double value) implements Schedule {

    public Constant {
        Require.value("constant", "value", value);
    }

    @Override
    public double at(long step) {
        Require.step("constant", step);
        return value;
    }
}
