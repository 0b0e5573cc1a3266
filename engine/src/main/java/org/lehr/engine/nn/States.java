package org.lehr.engine.nn;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// The tensors of a layer's state: of records and lists, however deep.
final class States {

    private States() {}

    /// Lets the tensors of a state outlive the scope that they were made in.
    ///
    /// @throws IllegalArgumentException where it is made of anything but tensors, records and lists
    static void detach(Object state) {
        switch (state) {
            case null -> {}
            case Tensor tensor -> {
                tensor.storage().complete();
                Scope.detach(tensor.storage());
            }
            case Iterable<?> parts -> parts.forEach(States::detach);
            case Record parts -> {
                for (RecordComponent component : parts.getClass().getRecordComponents()) {
                    if (!component.getType().isPrimitive()) {
                        detach(value(parts, component.getAccessor()));
                    }
                }
            }
            default ->
                throw new IllegalArgumentException("state: must be made of tensors, records and lists, got a "
                        + state.getClass().getName());
        }
    }

    private static Object value(Record parts, Method accessor) {
        try {
            accessor.trySetAccessible();
            return accessor.invoke(parts);
        } catch (ReflectiveOperationException hidden) {
            throw new IllegalArgumentException(
                    "state: " + parts.getClass().getName() + " does not show its " + accessor.getName(), hidden);
        }
    }
}
