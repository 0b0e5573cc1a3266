package org.lehr.cuda.ptx;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// A file of PTX whose variables have their places in the memory of a machine.
public final class PtxModule {

    private final ModuleText text;
    private final Map<String, Long> addresses;
    private final Map<String, Program> programs = new HashMap<>();

    PtxModule(ModuleText text, Map<String, Long> addresses) {
        this.text = text;
        this.addresses = addresses;
    }

    /// The names of its kernels.
    public Set<String> kernels() {
        Set<String> names = new TreeSet<>();
        text.functions().values().stream().filter(f -> f.entry).forEach(f -> names.add(f.name));
        return names;
    }

    /// A kernel, ready to run.
    ///
    /// @throws IllegalArgumentException where there is none of this name
    /// @throws PtxSyntaxException with the line that this machine does not understand
    public Program kernel(String name) {
        FunctionText function = text.functions().get(name);
        if (function == null || !function.entry) {
            throw new IllegalArgumentException("there is no kernel " + name + " in " + text.file());
        }
        return programs.computeIfAbsent(name, n -> Linker.link(text, addresses, function));
    }
}
