package org.lehr.engine.schedule.predict;

import java.util.Comparator;
import java.util.List;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.univariate.BrentOptimizer;
import org.apache.commons.math3.optim.univariate.SearchInterval;
import org.apache.commons.math3.optim.univariate.UnivariateObjectiveFunction;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;

/// The loss after every step of any schedule (Tissue, Wang, Wang 2024): `L(s) = L₀ + A·S₁^−α − C·S₂`. `S₁` is the sum
/// of the rates so far, how far the run got; `S₂` sums the annealing `mᵢ = λ·mᵢ₋₁ + (ηᵢ₋₁ − ηᵢ)`, what lowering the
/// rate brought.
///
/// One or two runs are enough for an [AnnealingFit]; the law then ranks schedules that nobody has run.
///
/// @param floor L₀
/// @param amplitude A
/// @param annealing C
/// @param exponent α
/// @param memory λ, for how long an annealing goes on to have an effect; in `[0, 1)`
public record AnnealingLaw(double floor, double amplitude, double annealing, double exponent, double memory) {

    private static final int GRID = 20;

    public AnnealingLaw {
        Require.value("annealing law", "floor", floor);
        Require.value("annealing law", "amplitude", amplitude);
        Require.value("annealing law", "annealing", annealing);
        Require.positive("annealing law", "exponent", exponent);
        Require.share("annealing law", "memory", memory);
        Require.notAbove("annealing law", "memory", memory, "0.999999", 0.999999);
    }

    /// The losses after each of the first `steps` steps; infinite while no rate was above 0.
    public double[] predict(Schedule schedule, int steps) {
        double[][] areas = areas(schedule, steps, memory);
        double[] losses = new double[steps];
        for (int s = 0; s < steps; s++) {
            losses[s] = at(areas[0][s], areas[1][s]);
        }
        return losses;
    }

    /// The loss after `steps` steps.
    public double last(Schedule schedule, int steps) {
        return predict(schedule, steps)[steps - 1];
    }

    double at(double forward, double annealed) {
        return floor + amplitude * StrictMath.pow(forward, -exponent) - annealing * annealed;
    }

    /// `S₁` and `S₂` after each step.
    static double[][] areas(Schedule schedule, int steps, double memory) {
        Require.steps("annealing law", "steps", steps);
        double[][] areas = new double[2][steps];
        double before = schedule.at(0);
        double forward = 0;
        double momentum = 0;
        double annealed = 0;
        for (int s = 0; s < steps; s++) {
            double rate = schedule.at(s);
            momentum = memory * momentum + (before - rate);
            forward += rate;
            annealed += momentum;
            areas[0][s] = forward;
            areas[1][s] = annealed;
            before = rate;
        }
        return areas;
    }

    /// The candidates, the one with the lowest predicted loss first; equal ones in their order.
    public List<Ranked> rank(List<Schedule> candidates, int steps) {
        return candidates.stream()
                .map(candidate -> new Ranked(candidate, last(candidate, steps)))
                .sorted(Comparator.comparingDouble(Ranked::value))
                .toList();
    }

    /// The parameter between `low` and `high` of the best member of a family, such as the length of a decay. The
    /// family is looked at in a grid first, so that a dip among others is found.
    public double best(Family family, double low, double high, int steps) {
        if (!(low < high)) {
            throw new IllegalArgumentException("annealing law: low must be below high, got " + low + " and " + high);
        }
        double width = (high - low) / GRID;
        int least = 0;
        for (int i = 1; i <= GRID; i++) {
            if (last(family.of(low + i * width), steps) < last(family.of(low + least * width), steps)) {
                least = i;
            }
        }
        return new BrentOptimizer(1e-4, 1e-6)
                .optimize(
                        new MaxEval(500),
                        GoalType.MINIMIZE,
                        new SearchInterval(
                                low + Math.max(least - 1, 0) * width, low + Math.min(least + 1, GRID) * width),
                        new UnivariateObjectiveFunction(parameter -> last(family.of(parameter), steps)))
                .getPoint();
    }

    /// Schedules with a parameter.
    @FunctionalInterface
    public interface Family {
        /// The member with this parameter.
        Schedule of(double parameter);
    }
}
