package org.lehr.bench.harness;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.lehr.bench.Operation;
import org.lehr.kernels.parallel.Workers;

/// The calls of the row that this process measures; those of the row before are forgotten.
final class PreparedCalls {

    private static final Map<Variant, Runnable> CALLS = new EnumMap<>(Variant.class);
    private static final List<PointerScope> PEER_MEMORY = new ArrayList<>();
    private static String name = "";

    private PreparedCalls() {}

    /// The call, with the process set up for it.
    static synchronized Runnable get(String row, Variant variant) {
        if (!row.equals(name)) {
            CALLS.clear();
            PEER_MEMORY.forEach(PointerScope::close);
            PEER_MEMORY.clear();
            name = row;
        }
        variant.prepare(Workers.current().threads());
        return CALLS.computeIfAbsent(variant, missing -> make((Operation) Catalog.row(row), missing));
    }

    private static Runnable make(Operation operation, Variant variant) {
        if (variant == Variant.LEHR) {
            return OperationCalls.of(operation, variant);
        }
        try (PointerScope memory = new PointerScope()) {
            memory.extend();
            PEER_MEMORY.add(memory);
            return OperationCalls.of(operation, variant);
        }
    }
}
