package org.lehr.kernels.fusion;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.lehr.kernels.DType;
import org.lehr.kernels.PointwiseKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.pointwise.PointwiseOp;

/// Pointwise operations that follow one another, each value named by the place of its birth: value `i` is input `i`
/// for `i < inputs`, else the result of step `i − inputs`. The last step's result is the chain's.
///
/// @param inputs how many arrays go in
/// @param steps at least one, in an order in which they can be computed
public record Chain(int inputs, List<Step> steps) {

    /// One operation.
    ///
    /// @param op what is computed; a [Conversion] changes the dtype only
    /// @param type the dtype of its result, to which it is rounded
    /// @param operands the values that go in
    public record Step(PointwiseOp op, DType type, List<Integer> operands) {}

    public Chain {
        steps = List.copyOf(steps);
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("chain: no steps");
        }
        for (int s = 0; s < steps.size(); s++) {
            Step step = steps.get(s);
            for (int operand : step.operands()) {
                if (operand < 0 || operand >= inputs + s) {
                    throw new IllegalArgumentException("chain: step " + s + ", "
                            + step.op().name() + ", reads value " + operand + " of " + (inputs + s));
                }
            }
        }
    }

    /// The dtype that comes out.
    public DType type() {
        return steps.getLast().type();
    }

    /// The definition: step by step, each result in memory of its own.
    ///
    /// @param memory gives so many bytes for a result in between, which are released at the end
    public void stepwise(PointwiseKernels kernels, LongFunction<Storage> memory, View out, View... views) {
        List<View> values = new ArrayList<>(List.of(views));
        try {
            for (Step step : steps) {
                boolean last = step == steps.getLast();
                View result = last ? out : between(memory, step.type(), out.shape());
                View[] operands = step.operands().stream().map(values::get).toArray(View[]::new);
                if (step.op() instanceof Conversion) {
                    kernels.copy(result, operands[0]);
                } else {
                    kernels.map(step.op(), result, operands);
                }
                values.add(result);
            }
        } finally {
            values.subList(inputs, Math.min(values.size(), inputs + steps.size() - 1))
                    .forEach(view -> view.storage().release());
        }
    }

    private static View between(LongFunction<Storage> memory, DType type, long... shape) {
        long size = 1;
        for (long extent : shape) {
            size *= extent;
        }
        return View.rowMajor(memory.apply(size * type.bytes()), type, shape);
    }
}
