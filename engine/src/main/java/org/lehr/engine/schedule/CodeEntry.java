package org.lehr.engine.schedule;

import java.util.ArrayList;
import java.util.List;

/// A part that no specification can name, because it joins schedules or listens to a run; it is used from code.
///
/// @param type the class to use
public record CodeEntry(String name, String meaning, Class<?> type, List<Theirs> theirs) implements ScheduleEntry {

    public CodeEntry {
        theirs = List.copyOf(theirs);
    }

    /// An entry without other names.
    public static CodeEntry of(String name, String meaning, Class<?> type) {
        return new CodeEntry(name, meaning, type, List.of());
    }

    /// The same, also found under the name `name` of another system.
    public CodeEntry like(String system, String name) {
        List<Theirs> more = new ArrayList<>(theirs);
        more.add(new Theirs(system, name, ""));
        return new CodeEntry(this.name, meaning, type, more);
    }
}
