package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// A product with a matrix `t [n, k]` whose numbers are −1, 0 and 1, kept in two bits each.
/// `x [m, k], packed int32 [n, ⌈k/16⌉] → x·tᵀ [m, n]`, or with `transposed` `x [m, n] → x·t [m, k]`
///
/// An int32 holds sixteen neighbours of a row, the first in its lowest two bits, each plus 1; behind the last are zeros
/// of the matrix.
///
/// @param columns k
/// @param transposed whether the product is with `t` and not with its transpose
public record TernaryMatmul(long columns, boolean transposed) implements Op {

    private static final int CODES = 16;

    /// `x·tᵀ`
    public static Tensor times(Tensor x, Tensor packed) {
        return Tensor.apply(new TernaryMatmul(x.extent(-1), false), x, packed);
    }

    /// `t [n, k] → int32 [n, ⌈k/16⌉]`
    ///
    /// @throws IllegalArgumentException naming a number that is not −1, 0 or 1
    public static Tensor pack(Tensor t) {
        if (t.rank() != 2) {
            throw new ShapeMismatchException("ternary_matmul: can pack a matrix [n, k], got " + t.shape());
        }
        int n = Math.toIntExact(t.extent(0));
        int k = Math.toIntExact(t.extent(1));
        int words = Math.ceilDiv(k, CODES);
        double[] values = t.toDoubleArray();
        int[] packed = new int[Math.multiplyExact(n, words)];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < words * CODES; j++) {
                double value = j < k ? values[i * k + j] : 0;
                if (value != -1 && value != 0 && value != 1) {
                    throw new IllegalArgumentException(
                            "ternary_matmul: can pack -1, 0 and 1, got " + value + " at [" + i + ", " + j + "]");
                }
                packed[i * words + j / CODES] |= (int) (value + 1) << 2 * (j % CODES);
            }
        }
        return Tensor.of(packed, n, words);
    }

    @Override
    public Tensor forward(Call call) {
        Shape x = call.shape(0);
        Shape packed = call.shape(1);
        boolean fits = x.rank() == 2 && packed.rank() == 2 && packed.extent(1) == Math.ceilDiv(columns, CODES);
        if (!fits || x.extent(1) != (transposed ? packed.extent(0) : columns)) {
            throw new ShapeMismatchException("ternary_matmul: needs x [m, k] and packed [n, k/16] with k = " + columns
                    + (transposed ? ", transposed, got " : ", got ") + x + " and " + packed);
        }
        if (!call.dtype(0).isFloating() || call.dtype(1) != DType.INT32) {
            throw new DTypeMismatchException("ternary_matmul: needs floating x and packed int32, got " + call.dtype(0)
                    + " and " + call.dtype(1));
        }
        Tensor out = call.empty(call.dtype(0), Shape.of(x.extent(0), transposed ? columns : packed.extent(0)));
        Tensor matrix = call.input(1).contiguous();
        call.backend().matmuls().ternaryMatmul(out.view(), call.input(0).view(), matrix.view(), transposed);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {Tensor.apply(new TernaryMatmul(columns, !transposed), dy, call.input(1)), null};
    }
}
