package org.lehr.engine.distributed;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.PointwiseKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.pointwise.MulScalar;

/// Folds the values of all ranks in their order into one place. Values are shown one rank after the other; the place
/// may be where the values of one of the ranks stand.
final class RankOrder {

    /// The values of a rank, shown to a reader once.
    interface Values {
        void show(int rank, Consumer<MemorySegment> reader);
    }

    private static final PointwiseKernels KERNELS = Device.cpu().backend().pointwise();

    private final Reduction reduction;
    private final DType dtype;
    private final long count;
    private final int ranks;

    RankOrder(Reduction reduction, DType dtype, long count, int ranks) {
        this.reduction = reduction;
        this.dtype = dtype;
        this.count = count;
        this.ranks = ranks;
    }

    /// @param own the rank whose values stand at `target`, −1 for none
    void fold(MemorySegment target, int own, Values values) {
        if (dtype == DType.BFLOAT16) {
            foldWide(target, own, values);
            return;
        }
        View result = view(target);
        // While values at the target are still to come, the sum stands elsewhere; the second ones can be added at once.
        View before = own > 1 ? empty(dtype) : result;
        for (int rank = 0; rank < ranks; rank++) {
            View from = rank <= own ? before : result;
            View into = rank < own ? before : result;
            if (rank == 0 && own == 1) {
                values.show(0, seen -> KERNELS.map(reduction.op(), result, view(seen), result));
            } else if (rank == 0 && own != 0) {
                values.show(0, seen -> KERNELS.copy(into, view(seen)));
            } else if (rank == own && own > 1) {
                KERNELS.map(reduction.op(), result, before, result);
            } else if (rank != own) {
                values.show(rank, seen -> KERNELS.map(reduction.op(), into, from, view(seen)));
            }
        }
        divide(result);
    }

    private void foldWide(MemorySegment target, int own, Values values) {
        View sum = empty(DType.FLOAT32);
        View next = empty(DType.FLOAT32);
        for (int rank = 0; rank < ranks; rank++) {
            View to = rank == 0 ? sum : next;
            if (rank == own) {
                KERNELS.copy(to, view(target));
            } else {
                values.show(rank, seen -> KERNELS.copy(to, view(seen)));
            }
            if (rank > 0) {
                KERNELS.map(reduction.op(), sum, sum, next);
            }
        }
        divide(sum);
        KERNELS.copy(view(target), sum);
    }

    private View empty(DType of) {
        return Tensor.empty("reduction", Device.cpu(), of, Shape.of(count)).view();
    }

    private void divide(View sum) {
        if (reduction == Reduction.MEAN) {
            KERNELS.map(new MulScalar(1.0 / ranks), sum, sum);
        }
    }

    private View view(MemorySegment segment) {
        return View.rowMajor(Storage.of(segment, "message"), dtype, count);
    }
}
