package org.lehr.engine.optim.recipe;

import java.util.function.DoubleFunction;

/// A line search for the strong Wolfe conditions by brackets and cubic interpolation (Nocedal, Wright 2006,
/// algorithms 3.5 and 3.6): the loss falls by enough, `f(t) ≤ f(0) + c₁·t·f′(0)`, and the slope is flat enough,
/// `|f′(t)| ≤ c₂·|f′(0)|`.
final class StrongWolfe {

    private static final double DECREASE = 1e-4;
    private static final double CURVATURE = 0.9;
    private static final int LOOKS = 25;

    private final DoubleFunction<Point> line;
    private final Point start;
    private int looks;

    /// A place on the line.
    ///
    /// @param t how far from the start
    /// @param loss f(t)
    /// @param slope f′(t)
    record Point(double t, double loss, double slope) {}

    private StrongWolfe(DoubleFunction<Point> line, Point start) {
        this.line = line;
        this.start = start;
    }

    /// A place that fulfils the conditions, or the best one after 25 looks.
    ///
    /// @param start at 0, with a slope below 0
    /// @param first where to look first
    static Point search(DoubleFunction<Point> line, Point start, double first) {
        return new StrongWolfe(line, start).bracket(first);
    }

    private Point look(double t) {
        looks++;
        return line.apply(t);
    }

    /// Whether the loss has not fallen by enough; also where it is no number.
    private boolean tooHigh(Point p) {
        return !(p.loss <= start.loss + DECREASE * p.t * start.slope);
    }

    private boolean flat(Point p) {
        return Math.abs(p.slope) <= -CURVATURE * start.slope;
    }

    private Point bracket(double first) {
        Point before = start;
        Point now = look(first);
        while (looks < LOOKS) {
            if (tooHigh(now) || before.t > 0 && now.loss >= before.loss) {
                return zoom(before, now);
            }
            if (flat(now)) {
                return now;
            }
            if (now.slope >= 0) {
                return zoom(now, before);
            }
            double least = now.t + 0.01 * (now.t - before.t);
            double next = Math.clamp(lowest(before, now), least, 10 * now.t);
            before = now;
            now = look(next);
        }
        return tooHigh(now) ? before : now;
    }

    private Point zoom(Point from, Point to) {
        Point low = from;
        Point high = to;
        while (looks < LOOKS && Math.abs(high.t - low.t) > 1e-12 * Math.max(1, low.t)) {
            double left = Math.min(low.t, high.t);
            double width = Math.abs(high.t - low.t);
            double guess = lowest(low, high);
            Point now = look(Math.clamp(guess, left + 0.1 * width, left + 0.9 * width));
            if (tooHigh(now) || now.loss >= low.loss) {
                high = now;
            } else {
                if (flat(now)) {
                    return now;
                }
                if (now.slope * (high.t - low.t) >= 0) {
                    high = low;
                }
                low = now;
            }
        }
        return low;
    }

    /// Where the cubic through both places and slopes is lowest; the middle where that is nowhere.
    private static double lowest(Point a, Point b) {
        double d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t);
        double square = d1 * d1 - a.slope * b.slope;
        double d2 = Math.signum(b.t - a.t) * Math.sqrt(square);
        double t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2));
        return square >= 0 && Double.isFinite(t) ? t : (a.t + b.t) / 2;
    }
}
