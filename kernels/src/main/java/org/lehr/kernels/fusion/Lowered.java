package org.lehr.kernels.fusion;

import java.util.ArrayList;
import java.util.List;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.pointwise.BinaryOp;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.TernaryOp;
import org.lehr.kernels.pointwise.UnaryOp;

/// A chain in terms of loops: bodies, and the shape of a loop that does all of it.
///
/// Each result is brought to its dtype as memory would bring it (see [Rounding]), so the values are those of the
/// operations done one by one.
record Lowered(Object[] bodies, LoopShape shape) {

    /// @param repeated for each input whether it is one number for all places
    static Lowered of(Chain chain, boolean[] repeated, View... inputs) {
        Lowering lowering = new Lowering(Compute.of(chain, inputs) == Compute.LANES, inputs.length);
        for (Chain.Step step : chain.steps()) {
            lowering.add(step);
        }
        List<Boolean> flags = new ArrayList<>();
        for (boolean flag : repeated) {
            flags.add(flag);
        }
        List<Integer> results = List.of(lowering.values.getLast());
        return new Lowered(
                lowering.bodies.toArray(), new LoopShape(lowering.lanes, flags, List.copyOf(lowering.code), results));
    }

    private static final class Lowering {

        private final boolean lanes;
        private final int inputs;
        private final List<Integer> values = new ArrayList<>();
        private final List<Object> bodies = new ArrayList<>();
        private final List<LoopShape.Instruction> code = new ArrayList<>();

        Lowering(boolean lanes, int inputs) {
            this.lanes = lanes;
            this.inputs = inputs;
            for (int i = 0; i < inputs; i++) {
                values.add(i);
            }
        }

        private void add(Chain.Step step) {
            boolean converted = step.op() instanceof Conversion;
            List<Integer> operands = step.operands().stream().map(values::get).toList();
            int value = converted ? operands.getFirst() : instruction(body(step.op()), operands);
            Object rounding = rounding(step.type(), converted);
            values.add(rounding == null ? value : instruction(rounding, List.of(value)));
        }

        private Object rounding(DType type, boolean converted) {
            return lanes ? Rounding.lanes(type, converted) : Rounding.doubles(type, converted);
        }

        private Object body(PointwiseOp op) {
            return lanes ? lanes(op) : op;
        }

        private int instruction(Object body, List<Integer> operands) {
            bodies.add(body);
            code.add(new LoopShape.Instruction(body.getClass(), operands));
            return inputs + code.size() - 1;
        }
    }

    /// The operation over float32 vectors; null when it has none.
    static Object lanes(PointwiseOp op) {
        return switch (op) {
            case UnaryOp unary -> unary.lanes();
            case BinaryOp binary -> binary.lanes();
            case TernaryOp ternary -> ternary.lanes();
            default -> null;
        };
    }
}
