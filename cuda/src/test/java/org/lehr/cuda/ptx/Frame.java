package org.lehr.cuda.ptx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A function while it is resolved: its registers and variables have places of their own, so that it can be called
/// but not call itself.
final class Frame {

    private static final String UNUSED = "_";

    private final Linker linker;
    private final FunctionText text;
    private final int entry;
    private final Map<String, Integer> registers = new HashMap<>();

    Frame(Linker linker, FunctionText text, int entry) {
        this.linker = linker;
        this.text = text;
        this.entry = entry;
        for (String register : text.registers) {
            registers.put(register, linker.newRegister());
        }
        registers.put(UNUSED, linker.newRegister());
        if (!text.entry) {
            text.parameters.forEach(this::placeLocally);
            text.returns.forEach(this::placeLocally);
        }
        for (Variable variable : text.variables.values()) {
            if (!variable.space().equals("shared")) {
                placeLocally(variable);
            }
        }
    }

    private void placeLocally(Variable variable) {
        linker.local().add(local(variable.name()), variable);
    }

    private String local(String name) {
        return text.name + "/" + name;
    }

    FunctionText text() {
        return text;
    }

    /// Index of its first step.
    int entry() {
        return entry;
    }

    Step step(Statement statement) {
        int guard = statement.guard() == null ? -1 : predicate(statement.guard(), statement);
        return new Step(Decoder.decode(statement, this), statement, guard, statement.guard() instanceof Operand.Not);
    }

    /// The register that an instruction reads: one of the function, a constant's, or one that knows about the
    /// thread.
    int read(Operand operand, Statement statement) {
        return switch (operand) {
            case Operand.Constant(long bits) -> linker.constant(bits);
            case Operand.Name(String name) -> {
                Integer register = registers.get(name);
                if (register != null) {
                    yield register;
                }
                if (SpecialRegister.of(name).isPresent()) {
                    yield linker.special(name);
                }
                yield linker.constant(address(name, statement));
            }
            default -> throw statement.unknown("takes no such operand");
        };
    }

    private long address(String name, Statement statement) {
        Integer offset = linker.local().offset(local(name));
        Long address = offset == null ? linker.address(text, name) : Long.valueOf(offset);
        if (address == null) {
            throw statement.unknown("nothing is called " + name);
        }
        return address;
    }

    /// The register that an instruction writes.
    int write(Operand operand, Statement statement) {
        if (operand instanceof Operand.Name(String name) && registers.containsKey(name)) {
            return registers.get(name);
        }
        throw statement.unknown("does not write a register");
    }

    /// The register of a predicate that may be inverted.
    int predicate(Operand operand, Statement statement) {
        return read(operand instanceof Operand.Not(String name) ? new Operand.Name(name) : operand, statement);
    }

    /// The registers of `{a, b}`, or of one alone.
    int[] readAll(Operand operand, Statement statement) {
        List<Operand> parts = operand instanceof Operand.Several(List<Operand> p) ? p : List.of(operand);
        return parts.stream().mapToInt(p -> read(p, statement)).toArray();
    }

    int[] writeAll(Operand operand, Statement statement) {
        List<Operand> parts = operand instanceof Operand.Several(List<Operand> p) ? p : List.of(operand);
        return parts.stream().mapToInt(p -> write(p, statement)).toArray();
    }

    /// The register of each thread's carry.
    int carry() {
        return linker.carry();
    }

    /// A constant, for operands that must be one.
    long constant(Operand operand, Statement statement) {
        if (operand instanceof Operand.Constant(long bits)) {
            return bits;
        }
        throw statement.unknown("expected a constant");
    }

    /// The index of the step behind a label.
    int target(String label, Statement statement) {
        Integer index = text.labels.get(label);
        if (index == null) {
            throw statement.unknown("there is no label " + label);
        }
        return entry + index;
    }

    /// Whether a name is a parameter of the kernel, and not of a device function.
    boolean isKernelParameter(String name) {
        return text.entry && linker.parameters().offset(name) != null;
    }

    /// Offset in local memory of a parameter or result of this function, or of one that it passes.
    int localOffset(String name, Statement statement) {
        Integer offset = linker.local().offset(local(name));
        if (offset == null) {
            throw statement.unknown("there is no " + name);
        }
        return offset;
    }

    Frame callee(Operand name, Statement statement) {
        return linker.callee(name, statement);
    }
}
