package org.lehr.engine.io;

import java.util.Arrays;
import org.lehr.kernels.DType;

/// What a file says of one array.
///
/// @param name its name in the file
/// @param fileType its element type as the format spells it: `F16`, `<f4`
/// @param dtype what its elements are after reading
/// @param shape its extents; empty for a scalar
/// @param fileBytes the bytes that its elements take in the file, before any compression
public record TensorInfo(String name, String fileType, DType dtype, long[] shape, long fileBytes) {

    @Override
    public String toString() {
        return name + " " + fileType + Arrays.toString(shape);
    }
}
