package org.lehr.bench.step;

import static org.bytedeco.pytorch.global.torch.zeros_like;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DispatchKey;

/// libtorch's fused AdamW. It is not among the functions of the binding, so it is called through the dispatcher.
public final class FusedAdamW {

    private final double rate;
    private final double weightDecay;
    private final List<Tensor> parameters;
    private final List<Tensor> means = new ArrayList<>();
    private final List<Tensor> squares = new ArrayList<>();
    private final List<Tensor> counts = new ArrayList<>();
    private final OperatorHandle kernel;

    public FusedAdamW(List<Tensor> parameters, double rate, double weightDecay) {
        this.parameters = List.copyOf(parameters);
        this.rate = rate;
        this.weightDecay = weightDecay;
        for (Tensor parameter : parameters) {
            means.add(zeros_like(parameter));
            squares.add(zeros_like(parameter));
            counts.add(torch.zeros());
        }
        kernel = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "");
    }

    /// One update from a gradient for each parameter.
    public void step(List<Tensor> gradients) {
        try (var _ = new NoGradGuard()) {
            IValueVector stack = new IValueVector();
            for (List<Tensor> tensors : List.of(parameters, gradients, means, squares, List.<Tensor>of(), counts)) {
                stack.push_back(list(tensors));
            }
            for (double value : new double[] {rate, 0.9, 0.999, weightDecay, 1e-8}) {
                stack.push_back(new IValue(value));
            }
            stack.push_back(new IValue(false));
            stack.push_back(new IValue(false));
            stack.push_back(new IValue());
            stack.push_back(new IValue());
            for (Tensor count : counts) {
                count.add_(new Scalar(1));
            }
            kernel.callBoxedForDispatchKey(DispatchKey.CPU, stack);
        }
    }

    private static IValue list(List<Tensor> tensors) {
        GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
        for (Tensor tensor : tensors) {
            list.push_back(new IValue(tensor));
        }
        return new IValue(list);
    }
}
