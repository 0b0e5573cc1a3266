package org.lehr.engine.schedule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A schedule in words, as the command line takes it: a name, and options after a colon: `wsd:decay=0.2,floor=0.1`.
///
/// The names are those of the [ScheduleCatalogue] and those that other systems have for them, with the system before
/// a dot where it is needed: `CosineAnnealingWarmRestarts`, `hf.cosine`. Numbers of steps may be shares of the run:
/// see [ScheduleTerms].
///
/// @param name of a [ScheduleFamily]; another system's name for it becomes ours, with the options that make it theirs
/// @param options what was given, by name
public record ScheduleSpec(String name, SortedMap<String, String> options) {

    /// What every schedule takes.
    public static final List<ScheduleFamily.Option> COMMON = List.of(
            new ScheduleFamily.Option("warmup", "", "steps up to the peak; else what the run says"),
            new ScheduleFamily.Option("warmup-shape", "linear", "way up, the reverse of a way down"),
            new ScheduleFamily.Option("warmup-from", "0", "where the warm-up begins, as a share of the peak"),
            new ScheduleFamily.Option("hold", "0", "steps at the first number before the schedule begins"),
            new ScheduleFamily.Option("over", "", "steps of the schedule; else the rest of the run"),
            new ScheduleFamily.Option("least", "0", "where it stops falling, as a share of the peak"),
            new ScheduleFamily.Option("sample", "0", "steps between two looks at the schedule; in between it is level"),
            new ScheduleFamily.Option("noise", "0", "deviation of a random factor around 1"),
            new ScheduleFamily.Option("noise-seed", "42", "from which the random factors come"));

    /// What joins controllers and the schedule that they control: a plus sign before a letter. Those of exponents
    /// stand before digits.
    public static final String JOINT = "\\+(?=\\s*[A-Za-z])";

    /// @throws IllegalArgumentException for a name or an option that there is not
    public ScheduleSpec {
        Named named = find(name);
        SortedMap<String, String> merged = new TreeMap<>(named.preset);
        merged.putAll(options);
        name = named.family.name();
        options = Collections.unmodifiableSortedMap(merged);
        requireKnown(name, options, all(named.family).toList());
    }

    /// Refuses options that `name` does not take.
    public static void requireKnown(String name, SortedMap<String, String> options, List<ScheduleFamily.Option> known) {
        List<String> names = known.stream().map(ScheduleFamily.Option::name).toList();
        for (String option : options.keySet()) {
            if (!names.contains(option)) {
                throw new IllegalArgumentException(
                        "schedule " + name + ": unknown option '" + option + "'; it takes " + String.join(", ", names));
            }
        }
    }

    private record Named(ScheduleFamily family, Map<String, String> preset) {}

    /// Reads a specification such as `cosine` or `wsd:decay=0.2`.
    ///
    /// @throws IllegalArgumentException when it cannot be read, with what could have been written
    public static ScheduleSpec parse(String text) {
        if (text.split(JOINT, 2).length > 1) {
            throw new IllegalArgumentException("schedule: '" + text + "' listens to a run, as a plus sign says; what is"
                    + " wanted here is a function of the step alone, such as " + text.split(JOINT)[1]);
        }
        return new ScheduleSpec(name(text), options(text));
    }

    /// What stands before the colon.
    public static String name(String text) {
        int colon = text.indexOf(':');
        return (colon < 0 ? text : text.substring(0, colon)).strip();
    }

    /// What stands after the colon.
    ///
    /// @throws IllegalArgumentException for what is not `NAME=VALUE`
    public static SortedMap<String, String> options(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? new TreeMap<>() : options(name(text), text.substring(colon + 1));
    }

    private static SortedMap<String, String> options(String name, String text) {
        SortedMap<String, String> options = new TreeMap<>();
        for (String option : text.split(",", -1)) {
            int equals = option.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException(
                        "schedule " + name + ": options are written NAME=VALUE, got '" + option + "'");
            }
            options.put(
                    option.substring(0, equals).strip(),
                    option.substring(equals + 1).strip());
        }
        return options;
    }

    private static Named find(String name) {
        List<ScheduleEntry> called = new ArrayList<>();
        List<Named> found = new ArrayList<>();
        for (ScheduleEntry entry : ScheduleCatalogue.all()) {
            if (entry.name().equals(name)) {
                return named(entry, "");
            }
            for (ScheduleEntry.Theirs theirs : entry.theirs()) {
                if (theirs.isCalled(name)) {
                    called.add(entry);
                    Named candidate = named(entry, theirs.preset());
                    if (!found.contains(candidate)) {
                        found.add(candidate);
                    }
                }
            }
        }
        if (found.size() == 1) {
            return found.getFirst();
        }
        if (found.size() > 1) {
            throw new IllegalArgumentException("schedule: the name '" + name + "' is that of several: "
                    + called.stream()
                            .flatMap(entry -> entry.theirs().stream())
                            .filter(theirs -> theirs.isCalled(name))
                            .map(ScheduleEntry.Theirs::toString)
                            .collect(Collectors.joining(", ")));
        }
        throw new IllegalArgumentException("schedule: unknown name '" + name + "'; known are "
                + ScheduleCatalogue.families().stream()
                        .map(ScheduleFamily::name)
                        .collect(Collectors.joining(", ")));
    }

    private static Named named(ScheduleEntry entry, String preset) {
        return switch (entry) {
            case ScheduleFamily family ->
                new Named(family, preset.isEmpty() ? Map.of() : options(family.name(), preset));
            case CodeEntry code ->
                throw new IllegalArgumentException("schedule: " + code.name() + " is not a function of the step alone ("
                        + code.meaning() + "); use " + code.type().getName() + " from code");
        };
    }

    private static Stream<ScheduleFamily.Option> all(ScheduleFamily family) {
        return Stream.concat(family.options().stream(), COMMON.stream());
    }

    /// The family that it names.
    public ScheduleFamily family() {
        return find(name).family;
    }

    /// The schedule for a run of `steps` updates, of which the first `warmUp` lead up to `peak`, unless the
    /// options say otherwise.
    ///
    /// @throws IllegalArgumentException for options outside their range or a warm-up as long as the run
    public Schedule build(long steps, double peak, long warmUp) {
        Require.steps(name, "steps", steps);
        ScheduleFamily family = family();
        SortedMap<String, String> values = new TreeMap<>();
        all(family).forEach(option -> values.put(option.name(), options.getOrDefault(option.name(), option.usual())));
        ScheduleTerms terms = new ScheduleTerms(family, values, steps, peak, warmUp);
        Schedule schedule = family.factory().apply(terms);
        long hold = terms.countOrNone("hold");
        if (hold > 0) {
            schedule = new Constant(schedule.at(0)).then(hold, schedule);
        }
        double least = terms.level("least");
        if (least > 0) {
            schedule = schedule.clamp(least, Double.MAX_VALUE);
        }
        long every = terms.countOrNone("sample");
        if (every > 1) {
            schedule = new Sampled(schedule, every);
        }
        if (!family.promises(ScheduleFamily.Promise.OWN_WARM_UP) && terms.warmUp() > 0) {
            double from = terms.share("warmup-from");
            schedule = new WarmUp(terms.warmUp(), from, terms.shape("warmup-shape"), schedule);
        }
        double deviation = terms.number("noise");
        return deviation == 0 ? schedule : new Noisy(schedule, deviation, (long) terms.number("noise-seed"));
    }

    /// As [#parse] reads it.
    @Override
    public String toString() {
        return text(name, options);
    }

    /// A name and its options as specifications have them.
    public static String text(String name, SortedMap<String, String> options) {
        List<String> parts = new ArrayList<>();
        options.forEach((option, value) -> parts.add(option + "=" + value));
        return parts.isEmpty() ? name : name + ":" + String.join(",", parts);
    }
}
