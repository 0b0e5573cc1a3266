package org.lehr.engine.schedule.control;

import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleTerms;

/// A schedule on a clock of its own, which is turned back when the data change: at the beginning of an experience of
/// continual learning, or when [PageHinkley] raises the alarm.
public final class Rewound implements Controller {

    static final CodeEntry ENTRY =
            CodeEntry.of("rewound", "a schedule whose clock is turned back when the data change", Rewound.class);

    static final ControlFamily FAMILY = ControlFamily.of(ENTRY, Rewound::controlled)
            .option("severity", "1", "how far it is turned back when the training loss rises; 1 for to the beginning")
            .option("slack", "0.05", "rises above the mean loss that do not count")
            .option("threshold", "2", "sum of rises that counts as a change of the data")
            .option("least", "50", "steps before the first change");

    private static Controlled controlled(ScheduleTerms terms, Schedule base) {
        Rewound clock = new Rewound(base);
        PageHinkley alarm =
                new PageHinkley(terms.number("slack"), terms.number("threshold"), terms.countOrNone("least"));
        return new Controlled(clock.schedule(), new Rewinding(clock, alarm, terms.share("severity")));
    }

    private final Schedule schedule;
    private long clock;

    public Rewound(Schedule schedule) {
        this.schedule = Objects.requireNonNull(schedule, "schedule");
    }

    @Override
    public double value() {
        return schedule.at(clock);
    }

    /// A step was taken.
    public void stepped() {
        clock++;
    }

    /// The data changed by `severity`, from 0 (the schedule goes on) to 1 (it begins anew): the clock keeps the
    /// share `1 − severity` of its steps.
    public void shifted(double severity) {
        Require.share("rewound", "severity", severity);
        clock = Math.round((1 - severity) * clock);
    }

    @Override
    public SequencedMap<String, Double> state() {
        return SavedState.write("clock", clock);
    }

    @Override
    public void restore(Map<String, Double> state) {
        clock = SavedState.of("rewound", state, state().keySet()).count("clock");
    }
}
