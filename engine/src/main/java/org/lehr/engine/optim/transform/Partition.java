package org.lehr.engine.optim.transform;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.lehr.engine.tensor.Tensor;

/// Two lists of rules: one for the parameters that are chosen by their value's shape, one for the others.
///
/// @param chosen looks at the parameter's value, and must not depend on its elements
/// @param here for those that are chosen
/// @param elsewhere for the others
public record Partition(Predicate<Tensor> chosen, List<Rule> here, List<Rule> elsewhere) implements Rule {

    @Override
    public List<Slot> slots() {
        return Stream.concat(
                        here.stream().flatMap(rule -> rule.slots().stream()).map(slot -> only(slot, true)),
                        elsewhere.stream()
                                .flatMap(rule -> rule.slots().stream())
                                .map(slot -> only(slot, false)))
                .toList();
    }

    /// The slot, without elements for parameters of the other side.
    private Slot only(Slot slot, boolean side) {
        return new Slot(
                slot.name(),
                slot.shared(),
                slot.kind(),
                value -> value == null || chosen.test(value) == side
                        ? slot.initial().apply(value)
                        : Tensor.full(0, value.device(), value.dtype(), 0));
    }

    @Override
    public Update apply(Update update, Cell cell) {
        Update changed = update;
        for (Rule rule : chosen.test(cell.value()) ? here : elsewhere) {
            changed = rule.apply(changed, cell);
        }
        return changed;
    }
}
