package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Species;

/// Softmax of one row and its gradient. `x [n] → y [n]`
///
/// `y = exp(x − max x) / Σ exp(x − max x)`, `dx = y·(dy − Σ y·dy)`
///
/// A row that holds NaN or +∞, or nothing but −∞, gives NaN: `0/0` and `∞/∞` have no better answer. The fast versions
/// need the vector module; their outputs do not depend on its width.
public final class SoftmaxKernel {

    private SoftmaxKernel() {}

    /// Softmax by its definition.
    public static void reference(double[] y, double[] x) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : x) {
            max = Math.max(max, value);
        }
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            y[i] = Math.exp(x[i] - max);
            sum += y[i];
        }
        for (int i = 0; i < x.length; i++) {
            y[i] /= sum;
        }
    }

    /// The gradient by its definition.
    public static void backwardReference(double[] dx, double[] y, double[] dy) {
        double dot = 0;
        for (int i = 0; i < y.length; i++) {
            dot += y[i] * dy[i];
        }
        for (int i = 0; i < y.length; i++) {
            dx[i] = y[i] * (dy[i] - dot);
        }
    }

    /// Softmax of rows of float32; `y` and `x` do not overlap.
    static void forward(MemorySegment y, long yFrom, MemorySegment x, long xFrom, int rows, int n) {
        if (n < ExponentialKernel.LEAST) {
            ShortRows.softmax(y, yFrom, x, xFrom, rows, n);
            return;
        }
        for (int row = 0; row < rows; row++) {
            long from = xFrom + (long) row * n;
            long into = yFrom + (long) row * n;
            ExponentialKernel.forward(y, into, x, from, n, BlockKernel.max(x, from, n));
            Simd.scale(y, into * 4, n, (float) (1 / Rows.sum(y, into, n)));
        }
    }

    /// The gradient of rows of float32 from `y`, the softmax; `dx` overlaps neither input.
    static void backward(
            MemorySegment dx,
            long dxFrom,
            MemorySegment y,
            long yFrom,
            MemorySegment dy,
            long dyFrom,
            int rows,
            int n) {
        for (int row = 0; row < rows; row++) {
            long skipped = (long) row * n;
            float dot = (float) Rows.dot(y, yFrom + skipped, dy, dyFrom + skipped, n);
            if (n >= ExponentialKernel.LEAST) {
                long bytes = skipped * 4;
                Simd.backward(dx, dxFrom * 4 + bytes, y, yFrom * 4 + bytes, dy, dyFrom * 4 + bytes, n, dot);
                continue;
            }
            for (long i = skipped; i < skipped + n; i++) {
                float gradient = dy.getAtIndex(JAVA_FLOAT, dyFrom + i) - dot;
                dx.setAtIndex(JAVA_FLOAT, dxFrom + i, y.getAtIndex(JAVA_FLOAT, yFrom + i) * gradient);
            }
        }
    }

    /// Offsets count bytes; `n` is at least 16. Each loop ends with the last full vector, which may overlap the one
    /// before.
    private static final class Simd {

        private static final VectorSpecies<Float> SPECIES = Species.F32;
        private static final int LENGTH = SPECIES.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        static void scale(MemorySegment y, long p, int n, float factor) {
            long end = p + (n - LENGTH) * 4L;
            // Read before the loop scales a part of it.
            FloatVector last =
                    FloatVector.fromMemorySegment(SPECIES, y, end, ORDER).mul(factor);
            for (long i = p; i < end; i += LENGTH * 4L) {
                FloatVector.fromMemorySegment(SPECIES, y, i, ORDER).mul(factor).intoMemorySegment(y, i, ORDER);
            }
            last.intoMemorySegment(y, end, ORDER);
        }

        static void backward(
                MemorySegment dx, long pdx, MemorySegment y, long py, MemorySegment dy, long pdy, int n, float dot) {
            for (int i = 0; i < n - LENGTH; i += LENGTH) {
                gradient(dx, pdx + i * 4L, y, py + i * 4L, dy, pdy + i * 4L, dot);
            }
            long last = (n - LENGTH) * 4L;
            gradient(dx, pdx + last, y, py + last, dy, pdy + last, dot);
        }

        private static void gradient(
                MemorySegment dx, long pdx, MemorySegment y, long py, MemorySegment dy, long pdy, float dot) {
            FloatVector gradient =
                    FloatVector.fromMemorySegment(SPECIES, dy, pdy, ORDER).sub(dot);
            FloatVector.fromMemorySegment(SPECIES, y, py, ORDER).mul(gradient).intoMemorySegment(dx, pdx, ORDER);
        }
    }
}
