package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Broadcast;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.fusion.Fusion;
import org.lehr.kernels.pointwise.PointwiseOp;

/// An operation that a pointwise kernel computes, its inputs broadcast to each other. `x [...], y [...] → [...]`
public interface Pointwise extends Op {

    /// The kernel of this operation.
    PointwiseOp kernel();

    @Override
    default Tensor forward(Call call) {
        Shape shape = call.shape(0);
        DType[] dtypes = new DType[call.count()];
        for (int i = 0; i < dtypes.length; i++) {
            shape = call.shape(i).equals(shape) ? shape : Shape.broadcast(name(), shape, call.shape(i));
            dtypes[i] = call.dtype(i);
        }
        DType type;
        try {
            type = kernel().resultType(dtypes);
        } catch (IllegalArgumentException refused) {
            throw new DTypeMismatchException(name() + ": " + refused.getMessage());
        }
        View[] views = new View[dtypes.length];
        for (int i = 0; i < views.length; i++) {
            views[i] = Broadcast.expand(name(), call.input(i), shape).layout();
        }
        View later = Fusion.defer(call.backend(), kernel(), type, shape.toArray(), views);
        if (later != null) {
            return new Tensor(later, call.device());
        }
        Tensor out = call.empty(type, shape);
        call.backend().pointwise().map(kernel(), out.view(), views);
        return out;
    }

    /// `gradient` summed to the shape of input `i`; null when that input wants none.
    default Tensor toInput(Call call, int i, java.util.function.Supplier<Tensor> gradient) {
        return call.needs(i) ? Broadcast.reduceTo(gradient.get(), call.shape(i)) : null;
    }
}
