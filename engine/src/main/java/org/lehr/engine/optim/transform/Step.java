package org.lehr.engine.optim.transform;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// One step of a chain: the parameters that have a gradient, and what they share.
public final class Step {

    private final List<Cell> cells;
    private final long index;
    private final Memory memory;
    private final Evaluation evaluation;
    private final SequencedMap<String, Tensor> written = new LinkedHashMap<>();

    /// @param index how many steps were taken before
    /// @param evaluation the loss of this step, null where nobody gave it
    public Step(List<Cell> cells, long index, Memory memory, Evaluation evaluation) {
        this.cells = List.copyOf(cells);
        this.index = index;
        this.memory = memory;
        this.evaluation = evaluation;
    }

    public List<Cell> cells() {
        return cells;
    }

    /// How many steps were taken before this one: where schedules are read.
    public long index() {
        return index;
    }

    /// What a schedule says, which must be finite and not negative.
    public double amount(String name, Schedule schedule) {
        return Hyperparameter.amount(name, schedule.at(index));
    }

    /// What a schedule of a decay says, which must be in `[0, 1)`.
    public double fraction(String name, Schedule schedule) {
        return Hyperparameter.fraction(name, schedule.at(index));
    }

    /// The loss of this step, for parts that look at it again.
    ///
    /// @param who names the part in the error
    /// @throws IllegalStateException when the step was taken without it
    public Evaluation evaluation(String who) {
        if (evaluation == null) {
            throw new IllegalStateException(
                    who + ": looks at the loss again in a step; call step(gradientScale, evaluation)");
        }
        return evaluation;
    }

    /// The number in a shared slot, or what was written to it in this step.
    public double number(String slot) {
        return written.getOrDefault(slot, memory.get(slot, "")).item();
    }

    /// Gives a shared slot another number, and returns it.
    public double set(String slot, double value) {
        written.put(slot, memory.get(slot, "").fullLike(value));
        return value;
    }

    /// What was written to shared slots, by name.
    public SequencedMap<String, Tensor> written() {
        return written;
    }
}
