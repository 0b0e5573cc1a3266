package org.lehr.kernels.convolution;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.matmul.Gemm;
import org.lehr.kernels.matmul.Matrix;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Reals;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// The gradient of a convolution's input for any stride: `weightᵀ·dy` gives what each place of the result
/// says to each element under the filter, and that is added up where it belongs.
///
/// A piece is some input channels of one image. `dy [b, o, rows, columns] → dx [b, groups·c, h, w]`
final class ScatteredGradient {

    /// Elements of the product that a piece holds.
    private static final long PIECE = 1L << 18;

    private final Window window;
    private final View dx;
    private final View dy;
    private final View weight;
    private final int groups;

    ScatteredGradient(View dx, View dy, View weight, Window window, int groups) {
        this.dx = dx;
        this.dy = dy;
        this.weight = weight;
        this.window = window;
        this.groups = groups;
    }

    void run() {
        int channels = window.channels();
        long each = Math.max(1, (long) window.taps() * window.places());
        int some = Math.clamp(PIECE / each, 1, Math.max(channels, 1));
        int blocks = Math.ceilDiv(channels, some);
        Workers.current().forRange(dx.shape()[0] * groups * blocks, 1, (from, to) -> {
            for (long piece = from; piece < to; piece++) {
                int first = (int) (piece % blocks) * some;
                channels(piece / blocks, first, Math.min(some, channels - first));
            }
        });
    }

    private void channels(long image, int first, int count) {
        DType dtype = dx.dtype();
        int bytes = dtype.bytes();
        int group = (int) (image % groups);
        int outputs = Math.toIntExact(weight.shape()[0] / groups);
        int rows = count * window.taps();
        long size = (long) window.h() * window.w();
        long start = dx.offset() + (image * window.channels() + first) * size;
        MemorySegment planes = dx.storage().segment().asSlice(start * bytes, count * size * bytes);
        planes.fill((byte) 0);
        Storage product = Pool.host().allocate((long) rows * window.places() * bytes, "convolution: product");
        try {
            long filter = weight.offset() + (long) group * outputs * window.depth() + (long) first * window.taps();
            Matrix left = Matrix.rows(weight.storage().segment(), filter, window.depth())
                    .transposed();
            Matrix right = Matrix.rows(
                    dy.storage().segment(), dy.offset() + image * outputs * window.places(), window.places());
            Matrix result = Matrix.rows(product.segment(), 0, window.places());
            Gemm.serial(dtype, rows, window.places(), outputs, 1, left, right, result, false);
            boolean wide = dtype == DType.FLOAT64;
            scatter(new Reals(product.segment(), wide), new Reals(planes, wide), count);
        } finally {
            product.release();
        }
    }

    private void scatter(Reals product, Reals planes, int count) {
        for (int row = 0; row < count * window.taps(); row++) {
            int tap = row % window.taps();
            int down = tap / window.kw() * window.dilationY() - window.paddingY();
            int right = tap % window.kw() * window.dilationX() - window.paddingX();
            for (int i = 0; i < window.rows(); i++) {
                int y = i * window.strideY() + down;
                if (y < 0 || y >= window.h()) {
                    continue;
                }
                long source = ((long) row * window.rows() + i) * window.columns();
                long target = ((long) row / window.taps() * window.h() + y) * window.w();
                for (int j = 0; j < window.columns(); j++) {
                    int x = j * window.strideX() + right;
                    if (x >= 0 && x < window.w()) {
                        planes.put(target + x, planes.get(target + x) + product.get(source + j));
                    }
                }
            }
        }
    }
}
