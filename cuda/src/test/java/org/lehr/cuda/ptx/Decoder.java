package org.lehr.cuda.ptx;

/// Finds for each instruction the family that knows it.
final class Decoder {

    private Decoder() {}

    /// @throws PtxSyntaxException for an instruction that this machine does not know
    static Instruction decode(Statement s, Frame f) {
        if (CarryArithmetic.matches(s)) {
            return CarryArithmetic.decode(s, f);
        }
        return switch (s.opcode()) {
            case "add", "sub", "mul", "mad", "fma", "div", "rem", "abs", "neg", "min", "max", "copysign" ->
                s.type().floating() ? FloatingArithmetic.decode(s, f) : IntegerArithmetic.decode(s, f);
            case "mul24", "mad24", "sad", "dp4a", "dp2a" -> IntegerArithmetic.decode(s, f);
            case "rcp", "sqrt", "rsqrt", "sin", "cos", "lg2", "ex2", "tanh", "testp" -> FloatingArithmetic.decode(s, f);
            case "and",
                    "or",
                    "xor",
                    "not",
                    "cnot",
                    "lop3",
                    "shl",
                    "shr",
                    "shf",
                    "popc",
                    "clz",
                    "brev",
                    "bfind",
                    "bfe",
                    "bfi",
                    "prmt",
                    "fns",
                    "szext",
                    "bmsk" -> Bits.decode(s, f);
            case "setp", "set", "selp", "slct" -> Comparison.decode(s, f);
            case "mov", "cvta", "isspacep" -> Moves.decode(s, f);
            case "cvt" -> Conversion.decode(s, f);
            case "ld", "ldu", "st", "prefetch", "prefetchu" -> MemoryAccess.decode(s, f);
            case "atom", "red" -> Atomics.decode(s, f);
            case "shfl", "vote", "match", "activemask", "redux", "elect" -> LaneExchange.decode(s, f);
            case "bar", "barrier", "membar", "fence" -> Synchronisation.decode(s, f);
            case "mma", "ldmatrix" -> Matrices.decode(s, f);
            case "cp" -> AsyncCopyInstructions.decode(s, f);
            case "bra", "brx", "call", "ret", "exit", "trap", "brkpt", "nanosleep" -> ControlFlow.decode(s, f);
            // mbarrier, wgmma, cp.async.bulk and clusters would stand here.
            default -> throw s.unknown("this machine does not know the instruction " + s.opcode());
        };
    }
}
