package org.lehr.engine.schedule;

import java.util.Objects;

/// Another schedule up to step `from`, and from there a decay of `steps` steps to `floor` that begins at the number
/// that was reached: how any checkpoint of a long run is made ready for use. Stays at `floor`.
///
/// @param floor not above `trunk.at(from)`
public record Branch(Schedule trunk, long from, long steps, double floor, Profile shape) implements Schedule {

    static final CodeEntry ENTRY = CodeEntry.of("branch", "a decay from any step of any schedule", Branch.class);

    static final ScheduleFamily SWA = ScheduleFamily.of(
                    "swa", "level, then down to a lower level for averaging weights", terms -> {
                        long start = Math.min(terms.count("start"), terms.length());
                        return new Constant(terms.peak())
                                .branch(start, terms.count("anneal"), terms.level("level"), terms.shape("shape"));
                    })
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.FALLS)
            .option("start", "0.75", "step at which the fall begins")
            .option("anneal", "0.05", "steps of the fall")
            .option("level", "0.05", "level for averaging, as a share of the peak")
            .option("shape", "cosine", "way down")
            .like("torch", "SWALR", "");

    public Branch {
        Objects.requireNonNull(trunk, "trunk");
        Require.count("branch", "from", from);
        Require.steps("branch", "steps", steps);
        Require.value("branch", "floor", floor);
        Require.notAbove("branch", "floor", floor, "the trunk at step " + from, trunk.at(from));
        Require.shape("branch", shape, trunk.at(from), floor);
    }

    @Override
    public double at(long step) {
        return Require.step("branch", step) < from
                ? trunk.at(step)
                : shape.between(trunk.at(from), floor, step - from, steps);
    }
}
