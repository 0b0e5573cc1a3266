package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Classes as rows with a single 1.
public final class OneHot {

    private OneHot() {}

    /// 1 at each class and 0 elsewhere; a class outside `[0, n)` is an `IndexOutOfBoundsException`.
    /// `classes int [...] → dtype [..., n]`
    public static Tensor oneHot(Tensor classes, long n, DType dtype) {
        Embedding.checkIndices("one_hot", classes.dtype());
        if (classes.size() > 0) {
            long least = Extremum.min(classes, false).toLongArray()[0];
            long most = Extremum.max(classes, false).toLongArray()[0];
            if (least < 0 || most >= n) {
                throw new IndexOutOfBoundsException(
                        "one_hot: class " + (least < 0 ? least : most) + " is not in [0, " + n + ")");
            }
        }
        Tensor all = Range.range(classes.device(), classes.dtype(), n);
        return Compare.equal(classes.unsqueeze(-1), all).to(dtype);
    }
}
