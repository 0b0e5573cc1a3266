package org.lehr.engine.schedule;

/// `floor + (peak − floor)·(1 − step/steps)^power`: 1 is a line, 2 falls fast at first. Stays at `floor`.
public record Polynomial(double peak, double floor, long steps, double power) implements Schedule {

    public Polynomial {
        Require.value("polynomial", "peak", peak);
        Require.value("polynomial", "floor", floor);
        Require.notAbove("polynomial", "floor", floor, "peak", peak);
        Require.steps("polynomial", "steps", steps);
        Require.positive("polynomial", "power", power);
    }

    @Override
    public double at(long step) {
        if (Require.step("polynomial", step) >= steps) {
            return floor;
        }
        double left = Math.pow(1 - (double) step / steps, power);
        return peak * left + floor * (1 - left);
    }
}
