package org.lehr.engine.train;

import java.util.function.LongUnaryOperator;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.tensor.RandomStream;

/// Shapes of different architectures that have equally many parameters.
public final class EqualParameters {

    /// How far the numbers may be apart, as a share.
    public static final double TOLERANCE = 0.03;

    private static final int NEIGHBOURS = 3;

    private EqualParameters() {}

    /// How many parameters a model of this shape has.
    public static long count(RunConfig.Model form, int vocabulary) {
        LanguageModel model = LanguageModels.make(form, vocabulary, new RandomStream(0));
        return model.module().parameterCount();
    }

    /// `form` with architecture `arch`, as deep as before, whose width and then, where there are feed-forward
    /// layers,
    /// hidden width are chosen so that it has `wanted` parameters. Of the widths that do, the roundest is taken.
    ///
    /// @throws IllegalArgumentException when no shape comes within [#TOLERANCE]
    public static RunConfig.Model match(RunConfig.Model form, String arch, long wanted, int vocabulary) {
        RunConfig.Model same = sized(form, arch, form.width(), form.hidden());
        boolean feedsForward =
                count(same, vocabulary) != count(sized(form, arch, form.width(), form.hidden() + 1), vocabulary);
        // Heads must divide the width, and each turn by pairs.
        int[] units = feedsForward ? new int[] {2 * form.heads()} : new int[] {16, 8, 4, 2, 1};
        RunConfig.Model best = null;
        for (int unit : units) {
            RunConfig.Model found = ofUnits(form, arch, unit, wanted, vocabulary);
            if (feedsForward) {
                long width = found.width();
                long hidden = nearest(inner -> count(sized(form, arch, width, inner), vocabulary), wanted);
                found = sized(form, arch, width, hidden);
            }
            if (best == null || distance(found, wanted, vocabulary) < distance(best, wanted, vocabulary)) {
                best = found;
            }
            if (distance(best, wanted, vocabulary) <= TOLERANCE * wanted) {
                return best;
            }
        }
        throw new IllegalArgumentException("equal parameters: " + arch + " of " + form.layers()
                + " layers comes no closer to " + wanted + " than " + count(best, vocabulary) + ", at width "
                + best.width() + "; give more layers or a larger width");
    }

    private static long distance(RunConfig.Model form, long wanted, int vocabulary) {
        return Math.abs(count(form, vocabulary) - wanted);
    }

    /// The width of so many units that comes nearest.
    private static RunConfig.Model ofUnits(RunConfig.Model form, String arch, int unit, long wanted, int vocabulary) {
        LongUnaryOperator counts =
                units -> count(sized(form, arch, units * unit, hidden(form, units * unit)), vocabulary);
        long best = nearest(counts, wanted);
        // Where inner sizes jump with the width, as those of Mamba-2 do, a neighbour may be nearer.
        for (long units = Math.max(1, best - NEIGHBOURS); units <= best + NEIGHBOURS; units++) {
            if (Math.abs(counts.applyAsLong(units) - wanted) < Math.abs(counts.applyAsLong(best) - wanted)) {
                best = units;
            }
        }
        return sized(form, arch, best * unit, hidden(form, best * unit));
    }

    /// The feed-forward layer keeps its share of the width.
    private static long hidden(RunConfig.Model form, long width) {
        return Math.max(1, width * form.hidden() / form.width());
    }

    private static RunConfig.Model sized(RunConfig.Model form, String arch, long width, long hidden) {
        return form.sized(arch, Math.toIntExact(width), Math.toIntExact(hidden));
    }

    /// The positive argument at which the rising `function` comes nearest to `wanted`.
    private static long nearest(LongUnaryOperator function, long wanted) {
        long low = 1;
        long high = 2;
        while (function.applyAsLong(high) <= wanted) {
            low = high;
            high *= 2;
        }
        while (high - low > 1) {
            long middle = (low + high) / 2;
            if (function.applyAsLong(middle) <= wanted) {
                low = middle;
            } else {
                high = middle;
            }
        }
        long below = Math.abs(wanted - function.applyAsLong(low));
        return function.applyAsLong(high) - wanted < below ? high : low;
    }
}
