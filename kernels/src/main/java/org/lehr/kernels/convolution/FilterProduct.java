package org.lehr.kernels.convolution;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.matmul.Gemm;
import org.lehr.kernels.matmul.Matrix;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// `y = filters·patches` for every image and group.
///
/// A piece is some rows of one result. It takes as many places at a time as a panel of the product has
/// columns, copies what the filters see there, and multiplies: 288 by 64 elements for 32 channels at 512
/// bits, which stay in the first two levels of the cache while all filters pass over them. Where
/// [DirectProduct] suits, nothing is copied but the padding.
///
/// `x [b, groups·c, h, w] → y [b, groups·filters.count, rows, columns]`
final class FilterProduct {

    /// Multiplications that a piece should have.
    private static final long PIECE = 1L << 24;

    private final Filters filters;
    private final Window window;
    private final View y;
    private final View x;
    private final DType dtype;
    private final int columns;
    private final int step;

    FilterProduct(View y, View x, Filters filters, Window window) {
        this.y = y;
        this.x = x;
        this.filters = filters;
        this.window = window;
        this.dtype = filters.dtype();
        this.columns = Gemm.columns(dtype);
        this.step = Gemm.depth();
    }

    void run() {
        int rows = window.rows();
        long work = Math.max(1, (long) window.columns() * filters.depth() * filters.count());
        int some = Math.clamp(PIECE / work, 1, rows);
        int blocks = Math.ceilDiv(rows, some);
        int even = Math.ceilDiv(rows, blocks);
        long images = x.shape()[0] * filters.groups();
        long grain = Math.max(1, PIECE / 8 / (work * even));
        try (DirectProduct direct = DirectProduct.suits(dtype, window) ? new DirectProduct(filters, window) : null) {
            Workers.current().forRange(images * blocks, grain, (from, to) -> {
                for (long piece = from; piece < to; piece++) {
                    int first = (int) (piece % blocks) * even;
                    rows(direct, piece / blocks, first, Math.min(even, rows - first));
                }
            });
        }
    }

    /// Rows `[first, first + rows)` of the result of one group of one image.
    ///
    /// @param direct null where it does not suit
    private void rows(DirectProduct direct, long image, int first, int rows) {
        if (rows <= 0) {
            return;
        }
        int group = (int) (image % filters.groups());
        long plane = (long) window.h() * window.w();
        int bytes = dtype.bytes();
        long start = y.offset() + image * filters.count() * window.places() + (long) first * window.columns();
        Matrix out = Matrix.rows(y.storage().segment(), start, window.places());
        if (direct != null) {
            try (Patches patches = new Patches(window, dtype, first, rows)) {
                patches.load(x.storage().segment(), x.offset() + image * window.channels() * plane);
                direct.run(patches, group, rows, out);
            }
            return;
        }
        Storage panel = Pool.host().allocate((long) step * columns * bytes + Patches.SLACK, "convolution: patches");
        try (Patches patches = new Patches(window, dtype, first, rows)) {
            patches.load(x.storage().segment(), x.offset() + image * window.channels() * plane);
            Matrix left = filters.matrix(group);
            Matrix right = Matrix.rows(panel.segment(), 0, columns);
            int places = rows * window.columns();
            for (int p = 0; p < places; p += columns) {
                int some = Math.min(columns, places - p);
                int k = 0;
                do {
                    int length = Math.min(step, filters.depth() - k);
                    fill(patches, k, length, p, some, panel.segment());
                    Gemm.serial(dtype, filters.count(), some, length, 1, left.from(0, k), right, out.from(0, p), k > 0);
                    k += step;
                } while (k < filters.depth());
            }
        } finally {
            panel.release();
        }
    }

    /// Rows `[k, k + length)` of the patches; ones where the filters' biases are.
    private void fill(Patches patches, int k, int length, int p, int some, MemorySegment panel) {
        int real = Math.min(length, window.depth() - k);
        patches.copy(k, real, p, some, columns, panel);
        for (int j = 0; j < columns && real < length; j++) {
            long place = (long) real * columns + j;
            if (dtype == DType.FLOAT32) {
                panel.setAtIndex(ValueLayout.JAVA_FLOAT, place, 1);
            } else {
                panel.setAtIndex(ValueLayout.JAVA_DOUBLE, place, 1);
            }
        }
    }
}
