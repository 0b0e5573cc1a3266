package org.lehr.engine.schedule.predict;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.univariate.BrentOptimizer;
import org.apache.commons.math3.optim.univariate.SearchInterval;
import org.apache.commons.math3.optim.univariate.UnivariateObjectiveFunction;
import org.apache.commons.math3.optim.univariate.UnivariatePointValuePair;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;

/// What convex theory promises of a schedule: the bound on the suboptimality of the last iterate of gradient descent
/// with rates `γ·ηₜ` (Schaipp et al. 2025). It agrees with large models closely enough to compare shapes, to find the
/// best `γ`, to plan a longer run and to carry a tuned rate over.
///
/// `D²/(2γS₁) + γ/(2S₁)·Σₜ ηₜ²Gₜ² + γ/2·Σ_{k<T} ηₖ/(Sₖ₊₁Sₖ)·Σ_{t≥k} ηₜ²Gₜ²` with `Sₖ = Σ_{t≥k} ηₜ`. Numbers of 0 at
/// the end do nothing and are left out.
///
/// @param distanceTerm the bound's part `D²/(2S₁)`, which is divided by `γ`
/// @param noiseTerm the rest, which is multiplied by `γ`
public record ScheduleBound(double distanceTerm, double noiseTerm) {

    /// A run that was made longer.
    ///
    /// @param schedule the whole of it
    /// @param factor of the rate of the added part
    /// @param bound at the planned end
    public record Extension(Schedule schedule, double factor, double bound) {}

    private static final double TOLERANCE = 1e-6;

    /// The bound for `steps` steps of a schedule.
    ///
    /// @param distance D, from the beginning to the solution
    /// @param gradientNorm G, at every step
    public static ScheduleBound of(Schedule schedule, int steps, double distance, double gradientNorm) {
        Require.steps("bound", "steps", steps);
        Require.positive("bound", "gradientNorm", gradientNorm);
        double[] norms = new double[steps];
        Arrays.fill(norms, gradientNorm);
        return of(schedule, distance, norms);
    }

    /// The bound for as many steps as there are norms.
    ///
    /// @param norms G of each step
    public static ScheduleBound of(Schedule schedule, double distance, double[] norms) {
        Require.positive("bound", "distance", distance);
        int last = norms.length - 1;
        while (last >= 0 && schedule.at(last) == 0) {
            last--;
        }
        if (last < 0) {
            throw new IllegalArgumentException(
                    "bound: expected a schedule with a number above 0 in its " + norms.length + " steps");
        }
        double after = 0;
        double squares = 0;
        double noise = 0;
        for (int k = last; k >= 0; k--) {
            double eta = schedule.at(k);
            double here = after + eta;
            squares += eta * eta * norms[k] * norms[k];
            if (k < last && here > 0) {
                noise += eta / (after * here) * squares;
            }
            after = here;
        }
        return new ScheduleBound(distance * distance / (2 * after), 0.5 * (squares / after + noise));
    }

    /// The candidates with their bounds at their best rates, the lowest first; equal ones in their order.
    public static List<Ranked> rank(List<Schedule> candidates, int steps, Problem problem) {
        return candidates.stream()
                .map(candidate -> new Ranked(
                        candidate,
                        of(candidate, steps, problem.distance, problem.gradientNorm)
                                .best()))
                .sorted(Comparator.comparingDouble(Ranked::value))
                .toList();
    }

    /// The bounds after each of some numbers of steps of one schedule, to be laid beside a curve of losses.
    ///
    /// @param rate by which the schedule is multiplied
    public static double[] curve(Schedule schedule, double rate, int[] horizons, Problem problem) {
        return Arrays.stream(horizons)
                .mapToDouble(steps -> of(schedule, steps, problem.distance, problem.gradientNorm)
                        .at(rate))
                .toArray();
    }

    /// The bound when the schedule is multiplied by `rate`.
    public double at(double rate) {
        Require.positive("bound", "rate", rate);
        return distanceTerm / rate + rate * noiseTerm;
    }

    /// The factor of the schedule that makes the bound lowest.
    public double bestRate() {
        return Math.sqrt(distanceTerm / noiseTerm);
    }

    /// The bound at [#bestRate].
    public double best() {
        return 2 * Math.sqrt(distanceTerm * noiseTerm);
    }

    /// The rate for the schedule of `to`, when `tuned` was found to be best for this one.
    public double transfer(double tuned, ScheduleBound to) {
        Require.positive("bound", "tuned", tuned);
        return tuned * (to.bestRate() / bestRate());
    }

    /// How far a solution is and how large gradients are, D and G.
    public record Problem(double distance, double gradientNorm) {}

    /// How a run with the rate `rate` goes on best when it is made `added` steps longer at step `from`, instead
    /// of ending: at a level below `trunk.at(from)`, with a line down to 0 over the last `decay` steps.
    ///
    /// @param trunk the schedule so far, of which the first `from` steps were taken
    /// @param rate its factor
    public static Extension extend(Schedule trunk, double rate, int from, int added, int decay, Problem problem) {
        Require.count("extend", "from", from);
        Require.steps("extend", "added", added);
        Require.steps("extend", "decay", decay);
        Require.notAbove("extend", "decay", decay, "added", added);
        UnivariatePointValuePair found = new BrentOptimizer(TOLERANCE, TOLERANCE)
                .optimize(
                        new MaxEval(200),
                        GoalType.MINIMIZE,
                        new SearchInterval(StrictMath.log(1e-3), StrictMath.log(2)),
                        new UnivariateObjectiveFunction(log -> of(
                                        extended(trunk, from, added, decay, StrictMath.exp(log)),
                                        from + added,
                                        problem.distance,
                                        problem.gradientNorm)
                                .at(rate)));
        double factor = StrictMath.exp(found.getPoint());
        return new Extension(extended(trunk, from, added, decay, factor), factor, found.getValue());
    }

    private static Schedule extended(Schedule trunk, int from, int added, int decay, double factor) {
        Schedule tail = new Constant(factor * trunk.at(from)).branch(added - decay, decay, 0, Decay.LINEAR);
        return from == 0 ? tail : trunk.then(from, tail);
    }
}
