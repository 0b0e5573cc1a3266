package org.lehr.kernels.convert;

import java.util.Arrays;
import org.lehr.kernels.View;

/// The loop nest over several views of one shape, as short as it can be: dimensions of extent 1 dropped, the others
/// ordered by the strides of the first view (largest outermost), neighbours merged where every view allows it.
///
/// Elements are counted in the order of the nest; with a dense first view that is the order of its memory.
/// The strides are in elements. A scalar, and any nest of one element, has a single dimension of extent 1.
public final class Nest {

    private final long[] extents;
    private final long[][] strides;
    private final long size;

    private Nest(long[] extents, long[][] strides, long size) {
        this.extents = extents;
        this.strides = strides;
        this.size = size;
    }

    /// @throws IllegalArgumentException when a shape differs from the first
    public static Nest of(String operation, View... views) {
        long[] shape = views[0].shape();
        for (View view : views) {
            if (!Arrays.equals(shape, view.shape())) {
                throw new IllegalArgumentException(operation + ": shapes differ: " + Arrays.toString(shape) + " and "
                        + Arrays.toString(view.shape()));
            }
        }
        int[] order = order(views);
        long[] extents = new long[Math.max(order.length, 1)];
        long[][] strides = new long[views.length][extents.length];
        int rank = 0;
        for (int d : order) {
            if (rank > 0 && merges(views, strides, rank - 1, d)) {
                extents[rank - 1] *= shape[d];
                rank--;
            } else {
                extents[rank] = shape[d];
            }
            for (int v = 0; v < views.length; v++) {
                strides[v][rank] = views[v].strides()[d];
            }
            rank++;
        }
        if (rank == 0) {
            extents[0] = 1;
            rank = 1;
        }
        int last = rank;
        Arrays.setAll(strides, v -> Arrays.copyOf(strides[v], last));
        return new Nest(Arrays.copyOf(extents, last), strides, views[0].size());
    }

    /// The dimensions of extent other than 1, outermost first; a stable insertion sort, so that ties keep their
    /// order.
    private static int[] order(View[] views) {
        long[] shape = views[0].shape();
        int[] order = new int[shape.length];
        int count = 0;
        for (int d = 0; d < shape.length; d++) {
            if (shape[d] == 1) {
                continue;
            }
            int at = count++;
            while (at > 0 && isOuter(views, d, order[at - 1])) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = d;
        }
        return Arrays.copyOf(order, count);
    }

    private static boolean isOuter(View[] views, int d, int than) {
        for (View view : views) {
            int compared = Long.compare(view.strides()[d], view.strides()[than]);
            if (compared != 0) {
                return compared > 0;
            }
        }
        return false;
    }

    private static boolean merges(View[] views, long[][] strides, int outer, int inner) {
        for (int v = 0; v < views.length; v++) {
            if (strides[v][outer] != views[v].strides()[inner] * views[v].shape()[inner]) {
                return false;
            }
        }
        return true;
    }

    /// Number of elements.
    public long size() {
        return size;
    }

    /// Number of dimensions, at least 1.
    public int rank() {
        return extents.length;
    }

    /// Extent of dimension `d`.
    public long extent(int d) {
        return extents[d];
    }

    /// Extent of the innermost dimension.
    public long inner() {
        return extents[extents.length - 1];
    }

    /// Stride of view `v` in dimension `d`.
    public long stride(int v, int d) {
        return strides[v][d];
    }

    /// Stride of view `v` in the innermost dimension.
    public long innerStride(int v) {
        return strides[v][extents.length - 1];
    }

    /// Whether element `i` of view `v` stands `i·innerStride` after its first, for all `i`: dense, or one repeated
    /// value.
    public boolean isLinear(int v) {
        long expected = innerStride(v) * inner();
        for (int d = extents.length - 2; d >= 0; d--) {
            if (extents[d] != 1 && strides[v][d] != expected) {
                return false;
            }
            expected *= extents[d];
        }
        return true;
    }

    /// A walk through view `v`, standing at element `from` (which may be the end).
    public Cursor cursor(int v, long from) {
        return new Cursor(extents, strides[v], from);
    }

    /// A place in one view that moves forward in the order of the nest. Not for several threads.
    public static final class Cursor {
        private final long[] extents;
        private final long[] strides;
        private final long[] index;
        private long row;

        private Cursor(long[] extents, long[] strides, long from) {
            this.extents = extents;
            this.strides = strides;
            this.index = new long[extents.length];
            long rest = from;
            for (int d = extents.length - 1; d > 0; d--) {
                long extent = Math.max(extents[d], 1);
                index[d] = rest % extent;
                rest /= extent;
                row += index[d] * strides[d];
            }
            index[0] = rest;
            row += rest * strides[0];
        }

        /// Where the cursor stands, in elements from the view's first.
        public long offset() {
            return row;
        }

        /// The view's stride in the innermost dimension, in elements.
        public long innerStride() {
            return strides[strides.length - 1];
        }

        /// Elements from here to the end of the innermost row.
        public long rowLeft() {
            return extents[extents.length - 1] - index[extents.length - 1];
        }

        /// Moves `n ≤ rowLeft()` elements on, into the next row when this one ends.
        public void advance(long n) {
            int d = extents.length - 1;
            index[d] += n;
            row += n * strides[d];
            while (d > 0 && index[d] == extents[d]) {
                row -= extents[d] * strides[d];
                index[d] = 0;
                d--;
                index[d]++;
                row += strides[d];
            }
        }
    }
}
