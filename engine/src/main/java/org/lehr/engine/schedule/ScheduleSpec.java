package org.lehr.engine.schedule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// A schedule in words, as the command line takes it: a name, and options after a colon: `wsd:decay=0.2,floor=0.1`.
///
/// | name | options and defaults |
/// |---|---|
/// | `constant` | |
/// | `linear` | `floor=0` |
/// | `cosine` | `floor=0.1` |
/// | `wsd` | `decay=0.2`, `shape=one-minus-sqrt` (or `linear`, `cosine`, `one-minus-square`, `exponential`), `floor=0`
/// |
/// | `polynomial` | `power=2`, `floor=0` |
/// | `inverse-sqrt` | `timescale=` the steps of the warm-up, or a tenth of the run without one |
/// | `step` | `every=0.3`, `factor=0.1` |
///
/// `floor` is a share of the peak. `decay`, `timescale` and `every` are steps, or shares of the run when at most 1.
///
/// @param options what was given, by name
public record ScheduleSpec(String name, SortedMap<String, String> options) {

    /// The names, in the order in which they are listed to people.
    public static final List<String> NAMES =
            List.of("constant", "linear", "cosine", "wsd", "polynomial", "inverse-sqrt", "step");

    /// @throws IllegalArgumentException for a name or an option that there is not
    public ScheduleSpec {
        options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
        List<String> known = known(name);
        for (String option : options.keySet()) {
            if (!known.contains(option)) {
                throw new IllegalArgumentException("schedule " + name + ": unknown option '" + option + "'; "
                        + (known.isEmpty() ? "it takes none" : "it takes " + String.join(", ", known)));
            }
        }
    }

    /// Reads a specification such as `cosine` or `wsd:decay=0.2`.
    ///
    /// @throws IllegalArgumentException when it cannot be read, with what could have been written
    public static ScheduleSpec parse(String text) {
        int colon = text.indexOf(':');
        String name = (colon < 0 ? text : text.substring(0, colon)).strip();
        SortedMap<String, String> options = new TreeMap<>();
        if (colon >= 0) {
            for (String option : text.substring(colon + 1).split(",", -1)) {
                int equals = option.indexOf('=');
                if (equals <= 0) {
                    throw new IllegalArgumentException(
                            "schedule " + name + ": options are written NAME=VALUE, got '" + option + "'");
                }
                options.put(
                        option.substring(0, equals).strip(),
                        option.substring(equals + 1).strip());
            }
        }
        return new ScheduleSpec(name, options);
    }

    /// The schedule for a run of `steps` updates, of which the first `warmUp` lead up to `peak`.
    ///
    /// @throws IllegalArgumentException for options outside their range or a warm-up as long as the run
    public Schedule build(long steps, double peak, long warmUp) {
        Require.steps(name, "steps", steps);
        if (warmUp < 0 || warmUp >= steps) {
            throw new IllegalArgumentException("schedule " + name + ": the warm-up must be shorter than the run of "
                    + steps + " steps, got " + warmUp);
        }
        long rest = steps - warmUp;
        Schedule after = switch (name) {
            case "constant" -> new Constant(peak);
            case "linear" -> new Linear(peak, floor(peak, 0), rest);
            case "cosine" -> new Cosine(peak, floor(peak, 0.1), rest);
            case "wsd" -> wsd(peak, steps, rest);
            case "polynomial" -> new Polynomial(peak, floor(peak, 0), rest, number("power", 2));
            case "inverse-sqrt" -> new InverseSquareRoot(peak, steps("timescale", warmUp > 0 ? warmUp : 0.1, steps));
            case "step" -> new Step(peak, number("factor", 0.1), steps("every", 0.3, steps));
            default -> throw unknown(name);
        };
        return after.warmUp(warmUp);
    }

    private Schedule wsd(double peak, long steps, long rest) {
        long decay = Math.min(steps("decay", 0.2, steps), rest);
        return new Wsd(peak, floor(peak, 0), 0, rest - decay, decay, shape());
    }

    private static List<String> known(String name) {
        return switch (name) {
            case "constant" -> List.of();
            case "linear", "cosine" -> List.of("floor");
            case "wsd" -> List.of("decay", "shape", "floor");
            case "polynomial" -> List.of("power", "floor");
            case "inverse-sqrt" -> List.of("timescale");
            case "step" -> List.of("every", "factor");
            default -> throw unknown(name);
        };
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException(
                "schedule: unknown name '" + name + "'; known are " + String.join(", ", NAMES));
    }

    private double number(String option, double otherwise) {
        String text = options.get(option);
        if (text == null) {
            return otherwise;
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "schedule " + name + ": " + option + " must be a number, got '" + text + "'", e);
        }
    }

    private double floor(double peak, double otherwise) {
        double share = number("floor", otherwise);
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "schedule " + name + ": floor is a share of the peak, from 0 to 1, got " + share);
        }
        return share * peak;
    }

    /// A number of steps, at least 1: as given, or as a share of `all` when at most 1.
    private long steps(String option, double otherwise, long all) {
        double given = number(option, otherwise);
        Require.positive("schedule " + name, option, given);
        return Math.max(1, Math.round(given <= 1 ? given * all : given));
    }

    private Decay shape() {
        String text = options.getOrDefault("shape", Decay.ONE_MINUS_SQRT.toString());
        List<String> shapes = new ArrayList<>();
        for (Decay decay : Decay.values()) {
            if (decay.toString().equals(text)) {
                return decay;
            }
            shapes.add(decay.toString());
        }
        throw new IllegalArgumentException(
                "schedule " + name + ": unknown shape '" + text + "'; known are " + String.join(", ", shapes));
    }

    /// As [#parse] reads it.
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        options.forEach((option, value) -> parts.add(option + "=" + value));
        return parts.isEmpty() ? name : name + ":" + String.join(",", parts);
    }
}
