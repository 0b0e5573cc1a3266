package org.lehr.engine.schedule;

import java.util.List;
import java.util.Objects;

/// Schedules one after the other, each counting its steps from where it begins. The last one goes on for ever.
///
/// @param parts the first begins at step 0, each of the others after the one before it
public record Join(List<Part> parts) implements Schedule {

    static final CodeEntry ENTRY = CodeEntry.of("join", "schedules one after the other", Join.class)
            .like("torch", "SequentialLR")
            .like("optax", "join_schedules")
            .like("burn", "sequential");

    /// A schedule and the step at which it takes over.
    public record Part(long from, Schedule schedule) {
        public Part {
            Objects.requireNonNull(schedule, "schedule");
        }
    }

    public Join {
        parts = List.copyOf(parts);
        if (parts.isEmpty() || parts.getFirst().from() != 0) {
            throw new IllegalArgumentException("join: the first part must begin at step 0, got " + parts);
        }
        for (int i = 1; i < parts.size(); i++) {
            if (parts.get(i).from() <= parts.get(i - 1).from()) {
                throw new IllegalArgumentException("join: part " + i + " must begin after step "
                        + parts.get(i - 1).from() + ", got " + parts.get(i).from());
            }
        }
    }

    static Join of(Schedule first, long boundary, Schedule next) {
        return new Join(List.of(new Part(0, first), new Part(boundary, next)));
    }

    @Override
    public double at(long step) {
        Require.step("join", step);
        Part part = parts.getFirst();
        for (Part later : parts) {
            if (step >= later.from()) {
                part = later;
            }
        }
        return part.schedule().at(step - part.from());
    }
}
