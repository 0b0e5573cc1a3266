package org.lehr.engine.tensor.op;

import java.util.List;
import java.util.function.Supplier;
import org.lehr.engine.tensor.Tensor;

/// A wrong use of an operation, and what the message of its exception must say.
///
/// @param fragments the operation's name and what does not fit, in any order
record Refusal(String label, Class<? extends Exception> type, Supplier<Tensor> use, List<String> fragments) {

    static Refusal of(Class<? extends Exception> type, Supplier<Tensor> use, String... fragments) {
        return new Refusal(fragments[0], type, use, List.of(fragments));
    }
}
