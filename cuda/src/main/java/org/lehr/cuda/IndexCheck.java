package org.lehr.cuda;

import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// Looks at indices before anything is written by them.
record IndexCheck(Runtime runtime, String operation) {

    /// Checks that all of `indices` are in `[0, limit)`, or are `exempt` where that is not null.
    ///
    /// @throws IndexOutOfBoundsException for the first that is not
    void check(View indices, long limit, Long exempt) {
        if (!isIndex(indices)) {
            throw new IllegalArgumentException(operation + ": indices must be int64 or int32, got " + indices);
        }
        Storage found = runtime.allocate(2 * Long.BYTES, operation);
        try {
            runtime.launch(operation, "indexing", "check_indices")
                    .dense(indices)
                    .scratch(found)
                    .number(indices.size())
                    .number(limit)
                    .number(exempt == null ? 0L : exempt)
                    .flag(exempt != null)
                    .flag(isWide(indices))
                    .forRows(1);
            long position = runtime.readLong(found.address());
            if (position < indices.size()) {
                throw new IndexOutOfBoundsException(operation + ": index " + position + " of " + indices.size() + " is "
                        + runtime.readLong(found.address() + Long.BYTES) + ", expected at least 0 and less than "
                        + limit + (exempt == null ? "" : ", or " + exempt));
            }
        } finally {
            found.release();
        }
    }

    static boolean isIndex(View indices) {
        return isWide(indices) || indices.dtype() == DType.INT32;
    }

    static boolean isWide(View indices) {
        return indices.dtype() == DType.INT64;
    }
}
