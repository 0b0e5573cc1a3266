package org.lehr.kernels.fusion;

import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.pointwise.BinaryOp;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.TernaryOp;
import org.lehr.kernels.pointwise.UnaryOp;

/// What an operation is computed in, which all operations of a chain must agree on: the same as
/// [org.lehr.kernels.pointwise.PointwiseKernel] chooses for the operation alone.
enum Compute {
    /// Float32 vectors: float32, bfloat16 and bool.
    LANES,
    /// Float64 numbers one by one: float64, and everything where there are no vectors.
    DOUBLES,
    /// Neither, such as integers.
    NONE;

    /// For an operation on these dtypes with a result of dtype `type`.
    static Compute of(PointwiseOp op, DType type, DType... operands) {
        boolean wide = type == DType.FLOAT64;
        for (DType operand : operands) {
            if (!chains(operand)) {
                return NONE;
            }
            wide |= operand == DType.FLOAT64;
        }
        boolean known =
                op instanceof Conversion || op instanceof UnaryOp || op instanceof BinaryOp || op instanceof TernaryOp;
        if (!known || !chains(type)) {
            return NONE;
        }
        boolean vectors = !wide && Lanes.available() && (op instanceof Conversion || Lowered.lanes(op) != null);
        return vectors ? LANES : DOUBLES;
    }

    /// For a chain over these inputs; [#NONE] where its operations differ.
    static Compute of(Chain chain, View... inputs) {
        Compute common = null;
        for (Chain.Step step : chain.steps()) {
            DType[] types = step.operands().stream()
                    .map(v -> v < inputs.length
                            ? inputs[v].dtype()
                            : chain.steps().get(v - inputs.length).type())
                    .toArray(DType[]::new);
            Compute own = of(step.op(), step.type(), types);
            if (common != null && own != common) {
                return NONE;
            }
            common = own;
        }
        return common;
    }

    private static boolean chains(DType type) {
        return type.isFloating() || type == DType.BOOL;
    }
}
