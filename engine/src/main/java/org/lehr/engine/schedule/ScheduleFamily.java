package org.lehr.engine.schedule;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// A schedule with its options left open: what a specification such as `wsd:decay=0.2` names. A record declares its
/// own as a constant, and is found by it.
///
/// @param promises what holds after the warm-up, with the usual options
/// @param options what may be given besides [ScheduleSpec#COMMON]
/// @param factory makes the schedule that follows the warm-up
public record ScheduleFamily(
        String name,
        String meaning,
        Set<Promise> promises,
        List<Option> options,
        List<Theirs> theirs,
        Function<ScheduleTerms, Schedule> factory)
        implements ScheduleEntry {

    /// What a family may promise.
    public enum Promise {
        /// Neighbouring steps come ever closer as the run gets longer.
        CONTINUOUS,
        /// It never rises.
        FALLS,
        /// It has a rise of its own, which takes the place of the warm-up.
        OWN_WARM_UP
    }

    /// Something that may be given after the colon.
    ///
    /// @param usual what it is when it is not given
    public record Option(String name, String usual, String meaning) {}

    public ScheduleFamily {
        promises = Set.copyOf(promises);
        options = List.copyOf(options);
        theirs = List.copyOf(theirs);
    }

    /// A family without options that promises nothing yet.
    public static ScheduleFamily of(String name, String meaning, Function<ScheduleTerms, Schedule> factory) {
        return new ScheduleFamily(name, meaning, Set.of(), List.of(), List.of(), factory);
    }

    /// The same, with one more option.
    public ScheduleFamily option(String name, String usual, String meaning) {
        List<Option> more = new ArrayList<>(options);
        more.add(new Option(name, usual, meaning));
        return new ScheduleFamily(this.name, this.meaning, promises, more, theirs, factory);
    }

    /// The same, with the option `floor`.
    public ScheduleFamily floor(String usual) {
        return option("floor", usual, "lowest number, as a share of the peak");
    }

    /// The same, with the option `shape` and what shapes take.
    public ScheduleFamily shape(String usual) {
        return option("shape", usual, "way down: " + ScheduleTerms.SHAPES)
                .option("power", "1", "power that the shape is raised to")
                .option("k", "1", "power of the share of the way (k-decay)");
    }

    /// The same, promising more.
    public ScheduleFamily promising(Promise first, Promise... more) {
        EnumSet<Promise> all = EnumSet.of(first, more);
        all.addAll(promises);
        return new ScheduleFamily(name, meaning, all, options, theirs, factory);
    }

    /// The same, also found under the name `name` of another system, which is ours with the options `preset`.
    public ScheduleFamily like(String system, String name, String preset) {
        List<Theirs> more = new ArrayList<>(theirs);
        more.add(new Theirs(system, name, preset));
        return new ScheduleFamily(this.name, meaning, promises, options, more, factory);
    }

    /// The same, also found under the name `name` of another system, which is ours with the usual options.
    public ScheduleFamily like(String system, String name) {
        return like(system, name, "");
    }

    /// Whether it promises so much.
    public boolean promises(Promise promise) {
        return promises.contains(promise);
    }
}
