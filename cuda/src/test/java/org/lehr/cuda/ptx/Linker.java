package org.lehr.cuda.ptx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes the program of one kernel: puts all functions that it may call behind each other, callees first, gives every
/// variable its place, and resolves every instruction.
final class Linker {

    /// Where a name's value comes from.
    private final Map<String, Long> addresses;

    private final ModuleText module;
    private final FunctionText kernel;
    private final Map<String, Frame> frames = new LinkedHashMap<>();
    private final Set<String> unfinished = new LinkedHashSet<>();
    private final Map<Long, Integer> constants = new HashMap<>();
    private final Map<String, Integer> specials = new LinkedHashMap<>();
    private final Layout local = new Layout();
    private final Layout shared = new Layout();
    private final Layout parameters = new Layout();
    private int carry = -1;
    private int registers;
    private int steps;

    private Linker(ModuleText module, Map<String, Long> addresses, FunctionText kernel) {
        this.module = module;
        this.addresses = addresses;
        this.kernel = kernel;
    }

    /// @param addresses of the module's global and constant variables
    static Program link(ModuleText module, Map<String, Long> addresses, FunctionText kernel) {
        try {
            return new Linker(module, addresses, kernel).link();
        } catch (PtxSyntaxException e) {
            throw e.in(module.file());
        }
    }

    private Program link() {
        kernel.parameters.forEach(v -> parameters.add(v.name(), v));
        collect(kernel);
        List<Step> code = new ArrayList<>();
        for (Frame frame : frames.values()) {
            for (Statement statement : frame.text().statements) {
                code.add(frame.step(statement));
            }
            code.add(frame.step(new Statement(0, "end of " + frame.text().name, null, List.of("ret"), List.of())));
        }
        long[] template = new long[registers * Warp.LANES];
        constants.forEach((value, slot) -> Arrays.fill(template, slot, slot + Warp.LANES, value));
        List<Program.Special> known = new ArrayList<>();
        specials.forEach((name, slot) ->
                known.add(new Program.Special(slot, SpecialRegister.of(name).orElseThrow())));
        return new Program(
                module.file(),
                kernel.name,
                code.toArray(new Step[0]),
                frames.get(kernel.name).entry(),
                template,
                known,
                local.roundedSize(),
                shared.roundedSize(),
                parameters.size());
    }

    private void collect(FunctionText function) {
        if (frames.containsKey(function.name)) {
            return;
        }
        if (!unfinished.add(function.name)) {
            throw new PtxSyntaxException(0, function.name + " calls itself, which this machine cannot");
        }
        for (Statement statement : function.statements) {
            if (statement.opcode().equals("call")) {
                collect(callee(statement));
            }
        }
        frames.put(function.name, new Frame(this, function, steps));
        steps += function.statements.size() + 1;
        for (Variable variable : module.variables().values()) {
            boolean used = variable.space().equals("shared")
                    && function.statements.stream().anyMatch(s -> s.text().contains(variable.name()));
            if (used && variable.size() > 0) {
                shared.add(variable.name(), variable);
            }
        }
        for (Variable variable : function.variables.values()) {
            if (variable.space().equals("shared")) {
                shared.add(function.name + "/" + variable.name(), variable);
            }
        }
    }

    private FunctionText callee(Statement call) {
        for (Operand operand : call.operands()) {
            if (operand instanceof Operand.Name(String name)) {
                FunctionText function = module.functions().get(name);
                if (function == null) {
                    throw call.unknown("there is no function " + name);
                }
                return function;
            }
        }
        throw call.unknown("names no function");
    }

    Frame callee(Operand name, Statement call) {
        return frames.get(callee(call).name);
    }

    int newRegister() {
        return Warp.LANES * registers++;
    }

    int constant(long value) {
        return constants.computeIfAbsent(value, v -> newRegister());
    }

    /// The register of each thread's carry.
    int carry() {
        carry = carry < 0 ? newRegister() : carry;
        return carry;
    }

    int special(String name) {
        return specials.computeIfAbsent(name, n -> newRegister());
    }

    Layout local() {
        return local;
    }

    Layout parameters() {
        return parameters;
    }

    /// The address that a name stands for inside of its space, or null.
    Long address(FunctionText function, String name) {
        if (parameters.offset(name) != null) {
            return (long) parameters.offset(name);
        }
        Integer offset = shared.offset(function.name + "/" + name);
        offset = offset == null ? shared.offset(name) : offset;
        if (offset != null) {
            return (long) offset;
        }
        Variable variable = module.variables().get(name);
        boolean dynamic = variable != null && variable.space().equals("shared") && variable.size() == 0;
        return dynamic ? Long.valueOf(shared.roundedSize()) : addresses.get(name);
    }
}
