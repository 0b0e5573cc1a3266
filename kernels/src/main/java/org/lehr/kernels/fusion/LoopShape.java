package org.lehr.kernels.fusion;

import java.util.List;

/// All that the code of a [FusedLoop] depends on; equal shapes share one loop. Parameters of operations and addresses
/// are arguments of the loop and not part of it.
///
/// Values are numbered: the loaded ones first, then the result of each instruction.
///
/// @param lanes whether it computes float32 in vectors, else float64 one by one
/// @param repeated for each loaded value whether it is one number for all places
/// @param code the operations, in order
/// @param results the values that are written to memory
record LoopShape(boolean lanes, List<Boolean> repeated, List<Instruction> code, List<Integer> results) {

    /// @param body the class of the operation: `UnaryLanes` and the like, or `UnaryOp` and the like
    /// @param operands the values that go in
    record Instruction(Class<?> body, List<Integer> operands) {}

    int loads() {
        return repeated.size();
    }
}
