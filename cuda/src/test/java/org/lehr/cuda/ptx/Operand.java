package org.lehr.cuda.ptx;

import java.util.List;

/// What an instruction is applied to.
sealed interface Operand {

    /// A register, variable, function or label.
    record Name(String name) implements Operand {}

    /// A predicate's opposite, `!%p1`.
    record Not(String name) implements Operand {}

    /// A constant as the bits that a register would hold.
    record Constant(long bits) implements Operand {}

    /// `[base+offset]`.
    record Address(Operand base, long offset) implements Operand {}

    /// `{a, b}` of vectors and matrices, and `(a, b)` of calls.
    record Several(List<Operand> parts) implements Operand {}

    /// `a|b`, two results.
    record Both(Operand first, Operand second) implements Operand {}
}
