package org.lehr.cuda.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A kernel or a device function as it is written. Names that are declared in an inner scope have the number of the
/// scope behind an `@`.
final class FunctionText {

    final String name;
    final boolean entry;
    final List<Variable> returns;
    final List<Variable> parameters;
    final Set<String> registers = new LinkedHashSet<>();
    final Map<String, Variable> variables = new LinkedHashMap<>();
    final List<Statement> statements = new ArrayList<>();

    /// The number of the statement behind each label.
    final Map<String, Integer> labels = new HashMap<>();

    /// Lists of labels for indexed branches.
    final Map<String, List<String>> targets = new HashMap<>();

    FunctionText(String name, boolean entry, List<Variable> returns, List<Variable> parameters) {
        this.name = name;
        this.entry = entry;
        this.returns = returns;
        this.parameters = parameters;
    }
}
