package org.lehr.engine.optim;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// An optimizer whose state is [Slots] and a number of steps.
public abstract class SlottedOptimizer implements Optimizer {

    private final Slots slots;
    private final Schedule rate;
    private long steps;

    /// @param rate what [#rate] reports
    protected SlottedOptimizer(Slots slots, Schedule rate) {
        this.slots = slots;
        this.rate = rate;
    }

    /// The state.
    protected final Slots slots() {
        return slots;
    }

    /// Counts a step.
    protected final void count() {
        steps++;
    }

    @Override
    public final long steps() {
        return steps;
    }

    @Override
    public final double rate() {
        return rate.at(steps);
    }

    @Override
    public final List<ParameterGroup> groups() {
        return slots.groups();
    }

    @Override
    public final void add(ParameterGroup group) {
        slots.add(group, steps);
    }

    @Override
    public final SequencedMap<String, Tensor> state() {
        return slots.all();
    }

    @Override
    public final void relocate(BiFunction<String, Tensor, Tensor> where) {
        slots.relocate(where);
    }

    @Override
    public final void load(long steps, Map<String, Tensor> state) {
        slots.load(steps, state);
        this.steps = steps;
    }
}
