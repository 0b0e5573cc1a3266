package org.lehr.engine.optim.transform;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// One parameter in one step: its value, its update, and its state. What is written here takes effect when all
/// parts of the chain have run.
public final class Cell {

    private final String path;
    private final ParameterGroup group;
    private final Tensor value;
    private final long index;
    private final long begun;
    private final Memory memory;
    private final SequencedMap<String, Tensor> written;
    private final Update gradient;
    private Update update;
    private double shrink = 1;
    private Tensor place;

    /// @param path of the parameter
    /// @param value its value, or that of its master
    /// @param index how many steps the optimizer has taken before this one
    /// @param begun how many of them were taken before the parameter came
    /// @param update the gradient
    public Cell(String path, ParameterGroup group, Tensor value, long index, long begun, Memory memory, Update update) {
        this(path, group, value, index, begun, memory, update, new LinkedHashMap<>());
    }

    private Cell(
            String path,
            ParameterGroup group,
            Tensor value,
            long index,
            long begun,
            Memory memory,
            Update update,
            SequencedMap<String, Tensor> written) {
        this.path = path;
        this.group = group;
        this.value = value;
        this.index = index;
        this.begun = begun;
        this.memory = memory;
        this.gradient = update;
        this.update = update;
        this.written = written;
    }

    /// The same parameter seen through a projection: another value and update over slots made for their
    /// shape.
    public Cell projected(Tensor value, Update update) {
        return new Cell(path, group, value, index, begun, memory, update, written);
    }

    public String path() {
        return path;
    }

    public ParameterGroup group() {
        return group;
    }

    /// The parameter's value before the step, in float32 or float64.
    public Tensor value() {
        return value;
    }

    /// How many steps the optimizer has taken before this one: where schedules are read.
    public long index() {
        return index;
    }

    /// Which step of this parameter it is, from 1.
    public long step() {
        return index - begun + 1;
    }

    /// What a schedule of a decay says, which must be in `[0, 1)`.
    public double fraction(String name, Schedule schedule) {
        return Hyperparameter.fraction(name, schedule.at(index));
    }

    /// What a schedule says, which must be finite and not negative.
    public double amount(String name, Schedule schedule) {
        return Hyperparameter.amount(name, schedule.at(index));
    }

    /// As [#amount], times the rate factor of the parameter's group.
    public double rate(String name, Schedule schedule) {
        return amount(name, schedule) * group.rateFactor();
    }

    /// As [#amount], times the weight-decay factor of the parameter's group.
    public double decay(String name, Schedule schedule) {
        return amount(name, schedule) * group.weightDecayFactor();
    }

    /// What a slot holds, or what was written to it in this step.
    public Tensor get(String slot) {
        Tensor fresh = written.get(slot);
        return fresh == null ? memory.get(slot, path) : fresh;
    }

    /// The number in a slot.
    public double number(String slot) {
        return get(slot).item();
    }

    /// The number in a shared slot, as it was before the step.
    public double shared(String slot) {
        return memory.get(slot, "").item();
    }

    /// Gives a slot another value, of the same shape, and returns it.
    public Tensor set(String slot, Tensor value) {
        written.put(slot, value);
        return value;
    }

    /// As [#set(String, Tensor)] for a slot that is a number.
    public double set(String slot, double value) {
        written.put(slot, get(slot).fullLike(value));
        return value;
    }

    /// What was written to slots, by name.
    public SequencedMap<String, Tensor> written() {
        return written;
    }

    /// What the update was before the chain changed it.
    public Update gradient() {
        return gradient;
    }

    public Update update() {
        return update;
    }

    public void setUpdate(Update update) {
        this.update = update;
    }

    /// Multiplies the value by `factor` before the update is subtracted.
    public void shrink(double factor) {
        shrink *= factor;
    }

    /// Makes `target` the value after the step, whatever the update.
    public void place(Tensor target) {
        place = target;
    }

    /// Whether [#place] was called.
    public boolean placed() {
        return place != null;
    }

    /// The value after the step, as far as it is known.
    public Tensor next() {
        if (place != null) {
            return place;
        }
        Tensor kept = shrink == 1 ? value : value.mul(shrink);
        return kept.sub(update.tensor());
    }
}
