package org.lehr.engine.schedule.control;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleFamily;
import org.lehr.engine.schedule.ScheduleTerms;

/// A controller with its options left open: what stands before a plus sign in `plateau:patience=3+cosine`. A
/// controller declares its own as a constant, and is found by it.
///
/// @param entry how the catalogue lists it
/// @param options what may be given
/// @param factory makes it around the schedule that comes after it
public record ControlFamily(
        CodeEntry entry, List<ScheduleFamily.Option> options, BiFunction<ScheduleTerms, Schedule, Controlled> factory) {

    public ControlFamily {
        options = List.copyOf(options);
    }

    /// A family without options.
    static ControlFamily of(CodeEntry entry, BiFunction<ScheduleTerms, Schedule, Controlled> factory) {
        return new ControlFamily(entry, List.of(), factory);
    }

    /// The same, with one more option.
    ControlFamily option(String name, String usual, String meaning) {
        List<ScheduleFamily.Option> more = new ArrayList<>(options);
        more.add(new ScheduleFamily.Option(name, usual, meaning));
        return new ControlFamily(entry, more, factory);
    }

    /// The same, with the options of what judges a loss; see [Measured].
    ControlFamily measured() {
        return option("on", "train", "the loss that is watched: train or validation")
                .option("every", "0.01", "steps between two measurements; a training loss is their mean")
                .option("threshold", "0.0001", "share by which a loss must be lower to be better");
    }

    /// The name in specifications.
    public String name() {
        return entry.name();
    }
}
