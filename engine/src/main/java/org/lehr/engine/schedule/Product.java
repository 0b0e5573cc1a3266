package org.lehr.engine.schedule;

import java.util.Objects;

/// The product of two schedules over the same steps: one as a factor of the other.
public record Product(Schedule schedule, Schedule factor) implements Schedule {

    static final CodeEntry ENTRY = CodeEntry.of("product", "the product of two schedules", Product.class)
            .like("torch", "ChainedScheduler")
            .like("burn", "composed");

    public Product {
        Objects.requireNonNull(schedule, "schedule");
        Objects.requireNonNull(factor, "factor");
    }

    @Override
    public double at(long step) {
        return schedule.at(step) * factor.at(step);
    }
}
