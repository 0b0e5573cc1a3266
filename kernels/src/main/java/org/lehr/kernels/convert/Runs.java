package org.lehr.kernels.convert;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;

/// Conversion of dense runs between any two dtypes. Offsets in bytes, counts in elements.
///
/// Every conversion passes through one of three dtypes, which reach all others: int64 between integers and from them,
/// float64 where either side is float64, float32 otherwise. So a value is rounded at most twice, and only on the way
/// from 64 bits to bfloat16.
public final class Runs {

    /// Elements converted at a time when a conversion takes two steps; three of them fit a first-level cache.
    public static final int BLOCK = 1024;

    private Runs() {}

    /// From `dtype` to `hub`, which must be float32, float64 or int64.
    public static void load(
            DType hub, DType dtype, MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        switch (hub) {
            case FLOAT32 -> Float32Runs.load(dtype, src, srcOffset, dst, dstOffset, n);
            case FLOAT64 -> Float64Runs.load(dtype, src, srcOffset, dst, dstOffset, n);
            case INT64 -> Int64Runs.load(dtype, src, srcOffset, dst, dstOffset, n);
            case BFLOAT16, INT32, UINT8, BOOL -> throw new IllegalArgumentException("load: not a hub: " + hub);
        }
    }

    /// From `hub`, which must be float32, float64 or int64, to `dtype`.
    public static void store(
            DType hub, DType dtype, MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        switch (hub) {
            case FLOAT32 -> Float32Runs.store(dtype, src, srcOffset, dst, dstOffset, n);
            case FLOAT64 -> Float64Runs.store(dtype, src, srcOffset, dst, dstOffset, n);
            case INT64 -> Int64Runs.store(dtype, src, srcOffset, dst, dstOffset, n);
            case BFLOAT16, INT32, UINT8, BOOL -> throw new IllegalArgumentException("store: not a hub: " + hub);
        }
    }

    /// The dtype that a conversion passes through.
    static DType hub(DType from, DType to) {
        if (!from.isFloating()) {
            return DType.INT64;
        }
        return from == DType.FLOAT64 || to == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    }
}
