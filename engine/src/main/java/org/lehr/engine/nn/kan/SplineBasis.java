package org.lehr.engine.nn.kan;

import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Logical;

/// B-splines of one order over the knots of each feature, by the recursion of Cox and de Boor.
///
/// @param order degree of the pieces, at least 0; 3 is usual
record SplineBasis(int order) {

    /// `x [m, in], knots [in, g + 2·order + 1] → [m, in, g + order]`; between the first and the last inner knot the
    /// values of a feature add up to 1, outside they fade to 0.
    Tensor of(Tensor x, Tensor knots) {
        Tensor at = x.unsqueeze(2);
        Tensor grid = knots.to(x.dtype());
        long count = grid.extent(1);
        Tensor from = grid.slice(1, 0, count - 1);
        Tensor to = grid.slice(1, 1, count);
        Tensor value = Logical.and(Compare.greaterOrEqual(at, from), Compare.less(at, to))
                .to(x.dtype());
        for (int p = 1; p <= order; p++) {
            long places = count - 1 - p;
            Tensor first = grid.slice(1, 0, places);
            Tensor second = grid.slice(1, 1, places + 1);
            Tensor rising = grid.slice(1, p, p + places).sub(first);
            Tensor falling = grid.slice(1, p + 1, p + 1 + places).sub(second);
            Tensor left = at.sub(first).div(rising).mul(value.slice(2, 0, places));
            Tensor right =
                    grid.slice(1, p + 1, p + 1 + places).sub(at).div(falling).mul(value.slice(2, 1, places + 1));
            value = left.add(right);
        }
        return value;
    }

    /// Knots for the inner points `[g + 1]` of one feature: these, and `order` more at both ends at the distance of
    /// the
    /// outermost two.
    double[] knots(double... inner) {
        double[] all = new double[inner.length + 2 * order];
        double first = inner[1] - inner[0];
        double last = inner[inner.length - 1] - inner[inner.length - 2];
        for (int i = 0; i < all.length; i++) {
            int place = i - order;
            if (place < 0) {
                all[i] = inner[0] + place * first;
            } else if (place < inner.length) {
                all[i] = inner[place];
            } else {
                all[i] = inner[inner.length - 1] + (place - inner.length + 1) * last;
            }
        }
        return all;
    }
}
