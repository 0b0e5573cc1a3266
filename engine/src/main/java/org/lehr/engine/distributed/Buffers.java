package org.lehr.engine.distributed;

import java.lang.foreign.MemorySegment;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;

/// The memory of the tensors that ranks exchange.
final class Buffers {

    private Buffers() {}

    /// That of a tensor which is only read.
    static MemorySegment read(Operation operation, Tensor x) {
        if (x == null) {
            throw new IllegalArgumentException(operation + ": this rank needs a tensor and has none");
        }
        if (x.device() != Device.cpu() || !x.isContiguous()) {
            throw new IllegalArgumentException(operation + ": needs contiguous tensors on the cpu, got " + x);
        }
        View view = x.view();
        long bytes = x.size() * x.dtype().bytes();
        // An empty view may begin behind the end of its storage.
        return bytes == 0
                ? MemorySegment.ofArray(new byte[0])
                : view.storage().segment().asSlice(view.byteOffset(), bytes);
    }

    /// That of a tensor which will be overwritten.
    static MemorySegment written(Operation operation, Tensor x) {
        MemorySegment bytes = read(operation, x);
        if (x.requiresGradient()) {
            throw new IllegalArgumentException(
                    operation + ": overwrites " + x + ", which requires a gradient; give it detached");
        }
        x.storage().settle();
        x.storage().written();
        return bytes;
    }

    /// `whole [ranks · n, ...]` is made up of `ranks` parts like `part [n, ...]`.
    static void requireParts(Operation operation, int ranks, Tensor whole, Tensor part) {
        requireAlike(operation, whole, part);
        long rows = part.rank() == 0 ? 1 : part.extent(0);
        long all = whole.rank() == 0 ? 1 : whole.extent(0);
        if (all != rows * ranks || whole.size() != part.size() * ranks) {
            throw new IllegalArgumentException(
                    operation + ": " + whole.shape() + " is not made up of " + ranks + " parts of " + part.shape());
        }
    }

    static void requireAlike(Operation operation, Tensor a, Tensor b) {
        if (a.dtype() != b.dtype()) {
            throw new IllegalArgumentException(
                    operation + ": needs tensors of one dtype, got " + a.dtype() + " and " + b.dtype());
        }
    }
}
