package org.lehr.engine.schedule.control;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.lehr.engine.io.ClassFiles;
import org.lehr.engine.schedule.ScheduleSpec;
import org.lehr.engine.schedule.ScheduleTerms;

/// A schedule in words, with controllers before it, the outermost first: `wsd:decay=0.2`, `plateau:patience=3+cosine`,
/// `greedy+auto-lrs+constant`. Without a schedule at the end it is `constant`.
///
/// @param controllers of these, the outermost first
/// @param base what they control
public record ControlSpec(List<Part> controllers, ScheduleSpec base) {

    /// A controller and what was given of its options.
    public record Part(ControlFamily family, SortedMap<String, String> options) {

        private Controlled around(Controlled inner, long steps, double peak, long warmUp) {
            SortedMap<String, String> values = new TreeMap<>();
            family.options().forEach(option -> values.put(option.name(), option.usual()));
            values.putAll(options);
            ScheduleTerms terms = ScheduleTerms.of(family.name(), values, steps, peak, warmUp);
            return family.factory().apply(terms, inner.schedule());
        }

        @Override
        public String toString() {
            return ScheduleSpec.text(family.name(), options);
        }
    }

    private static final List<ControlFamily> FAMILIES = find();
    private static final ScheduleSpec CONSTANT = ScheduleSpec.parse("constant");

    public ControlSpec {
        controllers = List.copyOf(controllers);
    }

    /// All controllers that can be named, in the order of names.
    public static List<ControlFamily> families() {
        return FAMILIES;
    }

    private static List<ControlFamily> find() {
        List<ControlFamily> families = new ArrayList<>();
        for (Class<?> type : ClassFiles.below(ControlSpec.class)) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.getType() == ControlFamily.class) {
                    try {
                        families.add((ControlFamily) field.get(null));
                    } catch (IllegalAccessException e) {
                        throw new IllegalStateException("schedules: " + field + " cannot be read", e);
                    }
                }
            }
        }
        families.sort(Comparator.comparing(ControlFamily::name));
        return List.copyOf(families);
    }

    /// Reads a specification.
    ///
    /// @throws IllegalArgumentException when it cannot be read, with what could have been written
    public static ControlSpec parse(String text) {
        List<String> parts = Arrays.asList(text.split(ScheduleSpec.JOINT, -1));
        int last = parts.size() - 1;
        boolean bare = known(ScheduleSpec.name(parts.get(last))) != null;
        List<Part> controllers = parts.subList(0, bare ? last + 1 : last).stream()
                .map(ControlSpec::part)
                .toList();
        return new ControlSpec(controllers, bare ? CONSTANT : ScheduleSpec.parse(parts.get(last)));
    }

    private static ControlFamily known(String name) {
        return FAMILIES.stream()
                .filter(family -> family.entry().isCalled(name))
                .findFirst()
                .orElse(null);
    }

    private static Part part(String text) {
        String name = ScheduleSpec.name(text);
        ControlFamily family = known(name);
        if (family == null) {
            throw new IllegalArgumentException("schedule: before a plus sign stands what listens to the run, "
                    + FAMILIES.stream().map(ControlFamily::name).collect(Collectors.joining(", ")) + ", got '" + name
                    + "'");
        }
        SortedMap<String, String> options = ScheduleSpec.options(text);
        ScheduleSpec.requireKnown(family.name(), options, family.options());
        return new Part(family, options);
    }

    /// Whether it is a function of the step alone.
    public boolean isPlain() {
        return controllers.isEmpty();
    }

    /// The schedule for a run, with fresh controllers; see [ScheduleSpec#build].
    ///
    /// @throws IllegalArgumentException for options outside their range
    public Controlled build(long steps, double peak, long warmUp) {
        Controlled built = new Controlled(base.build(steps, peak, warmUp), Listener.NONE);
        for (int i = controllers.size() - 1; i >= 0; i--) {
            Part part = controllers.get(i);
            built = built.with(i + "." + part.family.name(), part.around(built, steps, peak, warmUp));
        }
        return built;
    }

    /// As [#parse] reads it.
    @Override
    public String toString() {
        return controllers.stream().map(Part::toString).collect(Collectors.joining("+", "", isPlain() ? "" : "+"))
                + base;
    }
}
