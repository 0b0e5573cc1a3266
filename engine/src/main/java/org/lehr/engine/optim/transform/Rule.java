package org.lehr.engine.optim.transform;

import java.util.List;
import java.util.function.BiFunction;
import org.lehr.engine.tensor.Tensor;

/// A transform that treats each parameter by itself.
public interface Rule extends Transform {

    /// What becomes of the update of one parameter.
    Update apply(Update update, Cell cell);

    @Override
    default void apply(Step step) {
        step.cells().forEach(cell -> cell.setUpdate(apply(cell.update(), cell)));
    }

    /// A rule by its formula, over slots that it may read and write.
    static Rule of(BiFunction<Tensor, Cell, Tensor> formula, Slot... slots) {
        return ofUpdate((update, cell) -> Update.of(formula.apply(update.tensor(), cell)), slots);
    }

    /// As [#of] for a formula that leaves factors apart.
    static Rule ofUpdate(BiFunction<Update, Cell, Update> formula, Slot... slots) {
        return new Formula(formula, List.of(slots));
    }

    /// A formula with its slots.
    ///
    /// @param formula what becomes of the update
    /// @param slots what it keeps
    record Formula(BiFunction<Update, Cell, Update> formula, List<Slot> slots) implements Rule {

        @Override
        public Update apply(Update update, Cell cell) {
            return formula.apply(update, cell);
        }
    }
}
