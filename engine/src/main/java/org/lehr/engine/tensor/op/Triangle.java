package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Triangles of matrices. `diagonal` 0 is the main one, 1 the one above it, −1 the one below it.
public final class Triangle {

    private Triangle() {}

    /// True on and below a diagonal. `→ bool [rows, columns]`
    public static Tensor lowerMask(Device device, long rows, long columns, long diagonal) {
        Tensor row = Range.range(device, DType.INT64, diagonal, 1, rows).unsqueeze(1);
        return Compare.lessOrEqual(Range.range(device, DType.INT64, columns), row);
    }

    /// The last two dimensions with zeros above a diagonal. `x [..., m, n] → [..., m, n]`
    public static Tensor lower(Tensor x, long diagonal) {
        return Where.where(mask("lower", x, diagonal), x, x.scalarLike(0));
    }

    /// The last two dimensions with zeros below a diagonal. `x [..., m, n] → [..., m, n]`
    public static Tensor upper(Tensor x, long diagonal) {
        return Where.where(mask("upper", x, diagonal - 1), x.scalarLike(0), x);
    }

    private static Tensor mask(String operation, Tensor x, long diagonal) {
        if (x.rank() < 2) {
            throw new ShapeMismatchException(operation + " triangle: needs a matrix, got " + x.shape());
        }
        return lowerMask(x.device(), x.extent(-2), x.extent(-1), diagonal);
    }
}
