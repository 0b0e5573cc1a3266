package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.convert.Bfloat16Kernel;

/// Integers that stand in the same order as the numbers they come from: −0 equals +0, all NaN are equal and the
/// largest.
final class SortKeys {

    private SortKeys() {}

    /// Whether the keys of this dtype fit into 32 bits.
    static boolean areShort(DType dtype) {
        return dtype != DType.FLOAT64 && dtype != DType.INT64;
    }

    /// The keys of `n` elements from `place` on; reversed for `descending`, so that the first in order has the
    /// least key.
    static void fill(MemorySegment x, DType dtype, long place, int n, boolean descending, long[] keys) {
        switch (dtype) {
            case FLOAT32 -> {
                for (int i = 0; i < n; i++) {
                    keys[i] = key(x.getAtIndex(JAVA_FLOAT, place + i));
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < n; i++) {
                    keys[i] = key(Bfloat16Kernel.toFloat(x.getAtIndex(JAVA_SHORT, place + i)));
                }
            }
            case FLOAT64 -> {
                for (int i = 0; i < n; i++) {
                    keys[i] = key(x.getAtIndex(JAVA_DOUBLE, place + i));
                }
            }
            case INT64, INT32, UINT8, BOOL -> Elements.widen(x, dtype, place, 1, keys, 0, n);
        }
        if (descending) {
            for (int i = 0; i < n; i++) {
                keys[i] = ~keys[i];
            }
        }
    }

    private static int key(float x) {
        int bits = Float.floatToRawIntBits(x + 0f);
        return Float.isNaN(x) ? Integer.MAX_VALUE : bits ^ bits >> 31 & Integer.MAX_VALUE;
    }

    private static long key(double x) {
        long bits = Double.doubleToRawLongBits(x + 0d);
        return Double.isNaN(x) ? Long.MAX_VALUE : bits ^ bits >> 63 & Long.MAX_VALUE;
    }
}
