package org.lehr.engine.io;

/// Sizes computed from extents that a file claims, where nothing may overflow unseen.
final class Extents {

    private Extents() {}

    /// The bytes of an array, or -1 where an extent is negative or the strides or the size would not fit 63 bits.
    /// An empty array counts its strides too, so that views over what is accepted can always be made.
    static long bytes(long[] shape, int elementBytes) {
        long span = elementBytes;
        boolean empty = false;
        for (long extent : shape) {
            if (extent < 0 || Math.multiplyHigh(span, Math.max(extent, 1)) != 0) {
                return -1;
            }
            span *= Math.max(extent, 1);
            if (span < 0) {
                return -1;
            }
            empty |= extent == 0;
        }
        return empty ? 0 : span;
    }

    /// Strides of a dense column-major array, the first dimension running fastest.
    static long[] columnMajorStrides(long[] shape) {
        long[] strides = new long[shape.length];
        long step = 1;
        for (int d = 0; d < shape.length; d++) {
            strides[d] = step;
            step *= Math.max(shape[d], 1);
        }
        return strides;
    }
}
