package org.lehr.engine.train;

import java.util.function.LongUnaryOperator;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.tensor.RandomStream;

/// Shapes of different architectures that have equally many parameters.
public final class EqualParameters {

    /// How far the numbers may be apart, as a share.
    public static final double TOLERANCE = 0.03;

    private EqualParameters() {}

    /// How many parameters a model of this shape has.
    public static long count(RunConfig.Model form, int vocabulary) {
        LanguageModel model = LanguageModels.make(form, vocabulary, new RandomStream(0));
        return model.module().parameterCount();
    }

    /// `form` with architecture `arch`, as deep as before, whose width and then, where there are feed-forward
    /// layers,
    /// hidden width are chosen so that it has `wanted` parameters.
    ///
    /// @throws IllegalArgumentException when no shape comes within [#TOLERANCE]
    public static RunConfig.Model match(RunConfig.Model form, String arch, long wanted, int vocabulary) {
        RunConfig.Model same = sized(form, arch, form.width(), form.hidden());
        boolean feedsForward =
                count(same, vocabulary) != count(sized(form, arch, form.width(), form.hidden() + 1), vocabulary);
        // Heads must divide the width, and each turn by pairs.
        int unit = feedsForward ? 2 * form.heads() : 1;
        long units = largest(
                width -> count(sized(form, arch, width * unit, hidden(form, width * unit)), vocabulary), wanted);
        RunConfig.Model found = sized(form, arch, units * unit, hidden(form, units * unit));
        if (feedsForward) {
            long hidden = largest(inner -> count(sized(form, arch, units * unit, inner), vocabulary), wanted);
            found = sized(form, arch, units * unit, hidden);
        }
        long has = count(found, vocabulary);
        if (Math.abs(has - wanted) > TOLERANCE * wanted) {
            throw new IllegalArgumentException("equal parameters: " + arch + " of " + form.layers()
                    + " layers comes no closer to " + wanted + " than " + has + ", at width " + found.width()
                    + "; give more layers or a larger width");
        }
        return found;
    }

    /// The feed-forward layer keeps its share of the width.
    private static long hidden(RunConfig.Model form, long width) {
        return Math.max(1, width * form.hidden() / form.width());
    }

    private static RunConfig.Model sized(RunConfig.Model form, String arch, long width, long hidden) {
        return form.sized(arch, Math.toIntExact(width), Math.toIntExact(hidden));
    }

    /// The positive argument at which the rising `function` comes nearest to `wanted`.
    private static long largest(LongUnaryOperator function, long wanted) {
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
