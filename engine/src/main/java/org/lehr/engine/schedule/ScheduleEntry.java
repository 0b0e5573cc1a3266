package org.lehr.engine.schedule;

import java.util.List;
import java.util.Locale;

/// Something that the [ScheduleCatalogue] lists: a constant of this type, in any class of this package or of those
/// below it, is found there.
public sealed interface ScheduleEntry permits ScheduleFamily, CodeEntry {

    /// The name in specifications and lists: lower case, words joined by `-`.
    String name();

    /// One line that says what it does.
    String meaning();

    /// What it is called elsewhere.
    List<Theirs> theirs();

    /// Whether `text` is its name, here or elsewhere.
    default boolean isCalled(String text) {
        return name().equals(text) || theirs().stream().anyMatch(theirs -> theirs.isCalled(text));
    }

    /// A name that another system has for it.
    ///
    /// @param system `torch`, `optax`, `hf`, `timm`, `fairseq`, `megatron`, `pytorch_optimizer`, ...
    /// @param name the name there
    /// @param preset options under which ours is theirs, as specifications write them; may be empty
    record Theirs(String system, String name, String preset) {

        /// Whether `text` names it, with or without the system before a dot, in any case.
        boolean isCalled(String text) {
            return spelling(text).equals(spelling(name)) || spelling(text).equals(spelling(toString()));
        }

        private static String spelling(String text) {
            return text.toLowerCase(Locale.ROOT).replace('_', '-');
        }

        @Override
        public String toString() {
            return system + "." + name;
        }
    }
}
