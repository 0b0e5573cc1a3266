package org.lehr.engine.optim;

import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// A tensor in 8 bits with a scale for each block of 256 elements (Dettmers et al. 2022).
///
/// @param codes uint8, of the tensor's shape
/// @param scales float32, one for each block
/// @param signed whether numbers below 0 can be told
record BlockQuantized(Tensor codes, Tensor scales, boolean signed) {

    /// What the key of the scales ends in.
    static final String SCALES = ".scales";

    private static final int BLOCK = 256;
    private static final int LEAST = 4096;

    /// Whether a tensor is worth it: float32 and not small.
    static boolean suits(Tensor value) {
        return value.dtype() == DType.FLOAT32 && value.size() >= LEAST;
    }

    static BlockQuantized of(Tensor value, boolean signed) {
        Tensor codes = Tensor.empty("optimizer codes", value.device(), DType.UINT8, value.shape());
        Tensor scales = Tensor.empty(
                "optimizer scales", value.device(), DType.FLOAT32, Shape.of(Math.ceilDiv(value.size(), BLOCK)));
        Tensor dense = value.contiguous();
        value.device().backend().updates().encode(codes.view(), scales.view(), dense.view(), signed);
        return new BlockQuantized(codes, scales, signed);
    }

    Tensor tensor() {
        Tensor value = Tensor.empty("optimizer moment", codes.device(), DType.FLOAT32, codes.shape());
        value.device().backend().updates().decode(value.view(), codes.view(), scales.view(), signed);
        return value;
    }
}
