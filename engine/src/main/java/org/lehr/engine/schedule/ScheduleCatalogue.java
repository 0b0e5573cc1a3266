package org.lehr.engine.schedule;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.lehr.engine.io.ClassFiles;

/// All that there is, by name. Nobody keeps a list: the classes of this package and those below it are looked through
/// for
/// constants of the type [ScheduleEntry].
public final class ScheduleCatalogue {

    private static final List<ScheduleEntry> ENTRIES = find();

    private ScheduleCatalogue() {}

    /// Everything, in the order of names.
    public static List<ScheduleEntry> all() {
        return ENTRIES;
    }

    /// What specifications can name, in the order of names.
    public static List<ScheduleFamily> families() {
        return ENTRIES.stream()
                .filter(ScheduleFamily.class::isInstance)
                .map(ScheduleFamily.class::cast)
                .toList();
    }

    private static List<ScheduleEntry> find() {
        List<ScheduleEntry> entries = new ArrayList<>();
        for (Class<?> type : ClassFiles.below(ScheduleCatalogue.class)) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && ScheduleEntry.class.isAssignableFrom(field.getType())) {
                    entries.add(value(field));
                }
            }
        }
        entries.sort(Comparator.comparing(ScheduleEntry::name));
        for (int i = 1; i < entries.size(); i++) {
            if (entries.get(i).name().equals(entries.get(i - 1).name())) {
                throw new IllegalStateException(
                        "schedules: two have the name " + entries.get(i).name());
            }
        }
        return List.copyOf(entries);
    }

    private static ScheduleEntry value(Field field) {
        try {
            field.setAccessible(true);
            return (ScheduleEntry) field.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("schedules: " + field + " cannot be read", e);
        }
    }
}
