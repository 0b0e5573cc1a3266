package org.lehr.engine.tensor.op;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ConvolutionKernels.Causal;
import org.lehr.kernels.ConvolutionKernels.CausalGradients;
import org.lehr.kernels.View;

/// A filter of its own for each channel, moved along time and reaching back only, as state space models have
/// before their scan (Gu, Dao 2023): `y[t] = f(bias + Σ_j weight[j]·x[t − (k − 1) + j])`, the last element
/// for the present.
/// `x [b, t, c], weight [c, k], bias [c], state [b, k − 1, c] → [b, t, c]`
///
/// @param silu whether `f(z) = z·σ(z)`; else `f(z) = z`
/// @param biased whether a bias follows the weight in the inputs
/// @param stateful whether what came before `x`, oldest first, comes last in the inputs; else it is zeros
public record CausalConv1d(boolean silu, boolean biased, boolean stateful) implements FusedOp {

    /// The convolution; `bias` and `state` may be null.
    public static Tensor causalConv1d(Tensor x, Tensor weight, Tensor bias, Tensor state, boolean silu) {
        List<Tensor> inputs = new ArrayList<>(List.of(x, weight));
        if (bias != null) {
            inputs.add(bias);
        }
        if (state != null) {
            inputs.add(state);
        }
        return Tensor.apply(new CausalConv1d(silu, bias != null, state != null), inputs.toArray(Tensor[]::new));
    }

    @Override
    public Tensor forward(Call call) {
        Conv2d.requireOneFloating(name(), call);
        requireShapes(call);
        Tensor y = call.empty(call.dtype(0), call.shape(0));
        call.backend().convolutions().causal(y.view(), dense(call, 0), form(call));
        return y;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor[] gradients = new Tensor[call.count()];
        for (int i = 0; i < gradients.length; i++) {
            gradients[i] = i < 2 || call.needs(i) ? call.empty(call.dtype(i), call.shape(i)) : null;
        }
        int last = call.count() - 1;
        call.backend()
                .convolutions()
                .causalBackward(
                        new CausalGradients(
                                gradients[0].view(),
                                gradients[1].view(),
                                biased && gradients[2] != null ? gradients[2].view() : null,
                                stateful && gradients[last] != null ? gradients[last].view() : null),
                        dy.contiguous().view(),
                        dense(call, 0),
                        form(call));
        return gradients;
    }

    @Override
    public Tensor composed(Tensor... inputs) {
        Tensor x = inputs[0];
        Tensor weight = inputs[1];
        long times = x.extent(1);
        long width = weight.extent(1);
        Tensor before = stateful
                ? inputs[inputs.length - 1]
                : Tensor.full(0, x.device(), x.dtype(), x.extent(0), width - 1, x.extent(2));
        Tensor all = Concat.concat(1, before, x);
        Tensor sum = null;
        for (long j = 0; j < width; j++) {
            Tensor part =
                    all.slice(1, j, j + times).mul(weight.slice(1, j, j + 1).reshape(x.extent(2)));
            sum = sum == null ? part : sum.add(part);
        }
        Tensor z = biased ? sum.add(inputs[2]) : sum;
        return silu ? z.mul(z.sigmoid()) : z;
    }

    private Causal form(Call call) {
        return new Causal(
                dense(call, 1), biased ? dense(call, 2) : null, stateful ? dense(call, call.count() - 1) : null, silu);
    }

    private static View dense(Call call, int i) {
        return call.input(i).contiguous().view();
    }

    private void requireShapes(Call call) {
        Shape x = call.shape(0);
        Shape weight = call.shape(1);
        boolean fits = x.rank() == 3 && weight.rank() == 2 && weight.extent(0) == x.extent(2) && weight.extent(1) > 0;
        if (!fits) {
            throw new ShapeMismatchException(
                    name() + ": needs x [b, t, c] and weight [c, k], got " + x + " and " + weight);
        }
        if (biased && !call.shape(2).equals(Shape.of(x.extent(2)))) {
            throw new ShapeMismatchException(
                    name() + ": bias must be [" + x.extent(2) + "] for x " + x + ", got " + call.shape(2));
        }
        Shape state = Shape.of(x.extent(0), weight.extent(1) - 1, x.extent(2));
        if (stateful && !call.shape(call.count() - 1).equals(state)) {
            throw new ShapeMismatchException(name() + ": the state must be " + state + " for x " + x + " and weight "
                    + weight + ", got " + call.shape(call.count() - 1));
        }
    }
}
