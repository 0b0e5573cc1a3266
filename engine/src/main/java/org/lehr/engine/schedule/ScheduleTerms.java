package org.lehr.engine.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What a [ScheduleFamily] makes its schedule from: the run, and the options with their usual values filled in.
///
/// Numbers of steps are written as steps (`300` or `300s`) or as shares of the run (`0.3` or `30%`); a plain number
/// of at most 1 is a share.
public final class ScheduleTerms {

    static final String SHAPES = "linear, cosine, one-minus-sqrt, one-minus-square, exponential, rex, geometric,"
            + " inverse-proportional, lowered-linear, inverse-root";

    private final String name;
    private final Map<String, String> options;
    private final long steps;
    private final double peak;
    private final long warmUp;
    private final long length;

    /// @param options all of them, given or usual
    /// @param usualWarmUp the warm-up, unless the options have one
    /// @throws IllegalArgumentException when the warm-up leaves nothing of the run
    ScheduleTerms(ScheduleFamily family, Map<String, String> options, long steps, double peak, long usualWarmUp) {
        this.name = family.name();
        this.options = options;
        this.steps = steps;
        this.peak = peak;
        this.warmUp = has("warmup") ? countOrNone("warmup") : usualWarmUp;
        if (warmUp < 0 || warmUp >= steps) {
            throw refused("the warm-up must be shorter than the run of " + steps + " steps, got " + warmUp, null);
        }
        long before = (family.promises(ScheduleFamily.Promise.OWN_WARM_UP) ? 0 : warmUp) + countOrNone("hold");
        this.length = has("over") ? count("over") : steps - before;
        if (length < 1) {
            throw refused("hold leaves no step of the run of " + steps + ", got hold=" + text("hold"), null);
        }
    }

    /// Terms of what has these options alone, and not those that every schedule takes.
    ///
    /// @param options all of them, given or usual
    public static ScheduleTerms of(String name, Map<String, String> options, long steps, double peak, long warmUp) {
        return new ScheduleTerms(name, options, steps, peak, warmUp, steps - warmUp);
    }

    private ScheduleTerms(String name, Map<String, String> options, long steps, double peak, long warmUp, long length) {
        this.name = name;
        this.options = Map.copyOf(options);
        this.steps = steps;
        this.peak = peak;
        this.warmUp = warmUp;
        this.length = length;
    }

    /// Steps of the whole run.
    public long steps() {
        return steps;
    }

    /// The number that is reached by the warm-up.
    public double peak() {
        return peak;
    }

    /// Steps of the warm-up, which come before the schedule unless the family has a rise of its own.
    public long warmUp() {
        return warmUp;
    }

    /// Steps that the schedule has, without those before it.
    public long length() {
        return length;
    }

    /// Whether an option has any value.
    public boolean has(String option) {
        return !options.get(option).isEmpty();
    }

    /// The text of an option.
    public String text(String option) {
        return options.get(option);
    }

    /// An option that is a number.
    public double number(String option) {
        return number(option, options.get(option));
    }

    private double number(String option, String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw refused(option + " must be a number, got '" + text + "'", e);
        }
    }

    /// An option that is a whole number, not negative.
    public long whole(String option) {
        double number = number(option);
        if (number != Math.rint(number) || number < 0 || number > Long.MAX_VALUE) {
            throw refused(option + " must be a whole number, got '" + text(option) + "'", null);
        }
        return (long) number;
    }

    /// An option that is a share, from 0 to 1.
    public double share(String option) {
        double share = number(option);
        Require.share("schedule " + name, option, share);
        return share;
    }

    /// An option that is a share of the peak, multiplied by it.
    public double level(String option) {
        return level(option, options.get(option));
    }

    private double level(String option, String text) {
        double share = number(option, text);
        if (!(share >= 0 && share <= 1)) {
            throw refused(option + " is a share of the peak, from 0 to 1, got " + share, null);
        }
        return share * peak;
    }

    /// An option that is a number of steps, at least 1.
    public long count(String option) {
        return count(option, options.get(option));
    }

    /// An option that is a number of steps, or 0.
    public long countOrNone(String option) {
        String text = options.get(option);
        return text.equals("0") ? 0 : count(option, text);
    }

    private long count(String option, String text) {
        boolean share = text.endsWith("%");
        boolean whole = text.endsWith("s");
        double given = number(option, share || whole ? text.substring(0, text.length() - 1) : text);
        Require.positive("schedule " + name, option, given);
        double count = share ? given / 100 * steps : whole || given > 1 ? given : given * steps;
        return Math.max(1, Math.round(count));
    }

    /// An option that is a list of steps, separated by `/`. In runs too short to tell them apart, each is one
    /// more than the one before.
    public List<Long> counts(String option) {
        List<Long> counts = new ArrayList<>();
        long before = 0;
        for (String text : options.get(option).split("/", -1)) {
            long count = count(option, text);
            counts.add(count >= before && !counts.isEmpty() ? Math.max(count, counts.getLast() + 1) : count);
            before = count;
        }
        return counts;
    }

    /// An option that is a list of shares of the peak, separated by `/`.
    public List<Double> levels(String option) {
        List<Double> levels = new ArrayList<>();
        for (String text : options.get(option).split("/", -1)) {
            levels.add(level(option, text));
        }
        return levels;
    }

    /// The options `shape`, `power` and `k` of [ScheduleFamily#shape].
    public Profile shape() {
        return bent(shape("shape"));
    }

    /// `profile` with the options `power` and `k`.
    public Profile bent(Profile profile) {
        double power = number("power");
        double k = number("k");
        Profile raised = power == 1 ? profile : new Powered(profile, power);
        return k == 1 ? raised : new KDecay(raised, k);
    }

    /// An option that names a shape.
    public Profile shape(String option) {
        String text = options.get(option);
        try {
            return switch (text) {
                case "lowered-linear" -> new Lowered(Decay.LINEAR, 0.7);
                case "inverse-root" -> new InverseRoot(10);
                case "1-sqrt", "minus_sqrt" -> Decay.ONE_MINUS_SQRT;
                case "1-square" -> Decay.ONE_MINUS_SQUARE;
                default -> Decay.named(text);
            };
        } catch (IllegalArgumentException unknown) {
            throw refused("unknown shape '" + text + "'; known are " + SHAPES, unknown);
        }
    }

    /// An exception for a value that an option must not have.
    public IllegalArgumentException refused(String why, Throwable cause) {
        return new IllegalArgumentException("schedule " + name + ": " + why, cause);
    }
}
