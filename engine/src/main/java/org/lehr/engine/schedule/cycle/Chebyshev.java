package org.lehr.engine.schedule.cycle;

import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleFamily;

/// The reciprocals of the Chebyshev nodes of `[1, condition]` in fractal order, again and again (Agarwal, Goel, Zhang
/// 2021): plain gradient descent with these rates is as fast as accelerated descent on a quadratic whose curvatures
/// lie there. Single rates go far beyond the stable one; the order keeps the products small.
///
/// @param peak the largest rate
/// @param condition largest over smallest curvature, above 1
/// @param nodes how many there are, a power of two
public record Chebyshev(double peak, double condition, int nodes) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "chebyshev",
                    "reciprocal Chebyshev nodes in fractal order, again and again",
                    terms -> new Chebyshev(terms.peak(), terms.number("condition"), (int) terms.number("nodes")))
            .option("condition", "10", "largest over smallest curvature")
            .option("nodes", "64", "length of a round, a power of two")
            .like("pytorch_optimizer", "chebyshev");

    public Chebyshev {
        Require.value("chebyshev", "peak", peak);
        Require.positive("chebyshev", "condition - 1", condition - 1);
        if (Integer.bitCount(nodes) != 1 || nodes < 1) {
            throw new IllegalArgumentException("chebyshev: nodes must be a power of two, got " + nodes);
        }
    }

    @Override
    public double at(long step) {
        int place = (int) (Require.step("chebyshev", step) % nodes);
        return peak * node(0) / node(fractal(place, nodes));
    }

    /// The node `i`; the smallest is the first.
    private double node(int i) {
        double angle = Math.PI * (i + 0.5) / nodes;
        return (condition + 1) / 2 - (condition - 1) / 2 * StrictMath.cos(angle);
    }

    /// The order of `2n` interlaces that of `n` with its mirror: `σ(2j) = σₙ(j)`, `σ(2j + 1) = 2n − 1 − σₙ(j)`.
    private static int fractal(int place, int size) {
        if (size == 1) {
            return 0;
        }
        int half = fractal(place / 2, size / 2);
        return place % 2 == 0 ? half : size - 1 - half;
    }
}
