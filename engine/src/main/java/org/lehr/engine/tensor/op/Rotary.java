package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// Rotary position embedding (Su et al. 2021), in the layout of Llama: element `i` of the first half of a head turns
/// with element `i` of the second half. `x [..., t, d], cos [t, d/2], sin [t, d/2] → [..., t, d]`
///
/// @param inverse whether to turn backwards, which is the gradient
public record Rotary(boolean inverse) implements Op {

    /// `x` turned by the angles whose cosines and sines are given (constants).
    public static Tensor rotary(Tensor x, Tensor cos, Tensor sin) {
        return Tensor.apply(new Rotary(false), x, cos, sin);
    }

    @Override
    public Tensor forward(Call call) {
        Shape shape = call.shape(0);
        long half = shape.rank() < 2 ? 0 : shape.extent(-1) / 2;
        Shape table = shape.rank() < 2 ? shape : Shape.of(shape.extent(-2), half);
        if (shape.rank() < 2
                || shape.extent(-1) % 2 != 0
                || !call.shape(1).equals(table)
                || !call.shape(2).equals(table)) {
            throw new ShapeMismatchException("rotary: needs x [..., t, d] with even d and cos, sin [t, d/2], got "
                    + shape + ", " + call.shape(1) + ", " + call.shape(2));
        }
        Tensor x = call.input(0);
        Tensor four = x.reshape(fold(shape));
        Tensor unit = Rows.adjacent(four);
        // Heads that were split off a projection stay next to each other in memory.
        boolean swapped = unit.transpose(1, 2).isContiguous();
        Tensor stored = call.empty(call.dtype(0), swapped ? unit.transpose(1, 2).shape() : unit.shape());
        Tensor out = swapped ? stored.transpose(1, 2) : stored;
        call.backend()
                .attention()
                .rotate(
                        out.view(),
                        unit.view(),
                        call.input(1).contiguous().view(),
                        call.input(2).contiguous().view(),
                        inverse);
        return shape.rank() == 4 ? out : out.reshape(shape.toArray());
    }

    /// `[..., t, d]` as four dimensions.
    private static long[] fold(Shape shape) {
        int rank = shape.rank();
        return rank == 4
                ? shape.toArray()
                : new long[] {1, shape.slice(0, rank - 2).size(), shape.extent(-2), shape.extent(-1)};
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        if (call.needs(1) || call.needs(2)) {
            throw new org.lehr.engine.tensor.NotDifferentiableException("rotary: the tables are constants");
        }
        return new Tensor[] {Tensor.apply(new Rotary(!inverse), dy, call.input(1), call.input(2)), null, null};
    }
}
