package org.lehr.engine.tensor;

import java.util.function.Supplier;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels.Reduction;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.pointwise.IsFinite;

/// NaN tracing: while it is on, every result is looked at, and the first that holds a NaN or an infinity where no input
/// did is an exception that names the operation.
public final class FiniteCheck {

    private static final ScopedValue<Boolean> ON = ScopedValue.newInstance();

    private FiniteCheck() {}

    /// Runs `work` with tracing on. Costs a pass over every result.
    public static <T> T tracing(Supplier<T> work) {
        return ScopedValue.where(ON, true).call(work::get);
    }

    static boolean isOn() {
        return ON.orElse(Boolean.FALSE);
    }

    static void check(Op op, String pass, Tensor result, Tensor... inputs) {
        if (!result.dtype().isFloating() || allFinite(result)) {
            return;
        }
        StringBuilder message = new StringBuilder(op.name())
                .append(pass)
                .append(": produced a NaN or an infinity in ")
                .append(result);
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i].dtype().isFloating()) {
                message.append("; input ")
                        .append(i)
                        .append(' ')
                        .append(inputs[i].shape())
                        .append(allFinite(inputs[i]) ? " was finite" : " already held one");
            }
        }
        throw new NotFiniteException(message.toString());
    }

    /// Whether every element of a floating tensor is a finite number.
    public static boolean allFinite(Tensor tensor) {
        if (tensor.shape().size() == 0) {
            return true;
        }
        var backend = tensor.device().backend();
        Storage flags = backend.allocate(tensor.shape().size(), "finite_check");
        Storage answer = backend.allocate(1, "finite_check");
        try {
            View view = View.rowMajor(flags, DType.BOOL, tensor.shape().toArray());
            backend.pointwise().map(IsFinite.OP, view, tensor.view());
            View flat = View.rowMajor(flags, DType.BOOL, tensor.shape().size());
            View all = View.rowMajor(answer, DType.BOOL, 1);
            backend.reductions().reduce(Reduction.ALL, all, flat, 0);
            return new Tensor(all, tensor.device()).toBooleanArray()[0];
        } finally {
            flags.release();
            answer.release();
        }
    }
}
