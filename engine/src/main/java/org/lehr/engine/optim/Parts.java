package org.lehr.engine.optim;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lehr.engine.io.ClassFiles;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;

/// The public records of a package that implement a type, by their names in lower case; they are found by looking
/// at the package, so that a new one is a new file and nothing else.
///
/// @param <T> what they implement
final class Parts<T> {

    private final String what;
    private final String folder;
    private final Class<T> type;
    private SortedMap<String, Class<? extends T>> known;

    /// @param what names them in errors
    /// @param folder name of the package below this one
    Parts(String what, String folder, Class<T> type) {
        this.what = what;
        this.folder = folder;
        this.type = type;
    }

    List<String> names() {
        return List.copyOf(known().keySet());
    }

    String options(String name) {
        return Stream.of(find(name).getRecordComponents())
                .map(component -> hyphenated(component.getName()) + "=" + standard(component))
                .collect(Collectors.joining(", "));
    }

    /// Makes the one of this name.
    ///
    /// @param options by hyphenated names; before `given`, and both before defaults
    T make(String name, Map<String, String> options, Map<String, Schedule> given) {
        Class<? extends T> part = find(name);
        RecordComponent[] components = part.getRecordComponents();
        List<String> names = Stream.of(components)
                .map(RecordComponent::getName)
                .map(Parts::hyphenated)
                .toList();
        for (String option : options.keySet()) {
            if (!names.contains(option)) {
                throw new IllegalArgumentException(what + " " + name + ": unknown option '" + option + "'; "
                        + (names.isEmpty() ? "it takes none" : "it takes " + String.join(", ", names)));
            }
        }
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            types[i] = component.getType();
            String text = options.get(names.get(i));
            Schedule schedule = types[i] == Schedule.class ? given.get(component.getName()) : null;
            values[i] = text == null && schedule != null
                    ? schedule
                    : value(name + ": " + names.get(i), types[i], text == null ? standard(component) : text);
        }
        try {
            return part.getConstructor(types).newInstance(values);
        } catch (InvocationTargetException refused) {
            if (refused.getCause() instanceof IllegalArgumentException cause) {
                throw cause;
            }
            throw new IllegalStateException(what + " " + name + " cannot be made", refused);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(what + " " + name + " has no public constructor", impossible);
        }
    }

    private Object value(String name, Class<?> type, String text) {
        if (type == String.class) {
            return text;
        }
        if (type == boolean.class) {
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException(what + " " + name + " must be true or false, got '" + text + "'");
            }
            return text.equals("true");
        }
        try {
            return type == long.class
                    ? (Object) Long.parseLong(text)
                    : type == Schedule.class ? new Constant(Double.parseDouble(text)) : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    what + " " + name + " must be a " + (type == long.class ? "whole " : "") + "number, got '" + text
                            + "'",
                    e);
        }
    }

    private String standard(RecordComponent component) {
        Default standard = component.getAnnotation(Default.class);
        if (standard == null) {
            throw new IllegalStateException(what + " "
                    + component.getDeclaringRecord().getSimpleName() + ": no default for " + component.getName());
        }
        return standard.value();
    }

    /// `weightDecay` as `weight-decay`.
    private static String hyphenated(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private Class<? extends T> find(String name) {
        Class<? extends T> found = known().get(name);
        if (found == null) {
            throw new IllegalArgumentException(
                    what + " '" + name + "': expected one of " + String.join(", ", known().keySet()));
        }
        return found;
    }

    private synchronized SortedMap<String, Class<? extends T>> known() {
        if (known == null) {
            SortedMap<String, Class<? extends T>> found = new TreeMap<>();
            String place = Parts.class.getPackageName() + "." + folder;
            for (Class<?> one : ClassFiles.below(Parts.class)) {
                if (one.getPackageName().equals(place) && one.isRecord() && type.isAssignableFrom(one)) {
                    found.put(one.getSimpleName().toLowerCase(Locale.ROOT), one.asSubclass(type));
                }
            }
            known = found;
        }
        return known;
    }
}
