package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.lanes.VectorMath;

/// Logarithm of the softmax of one row and its gradient. `x [n] → y [n]`
///
/// `y = (x − max x) − log Σ exp(x − max x)`, `dx = dy − exp(y)·Σ dy`
///
/// A row that holds NaN or +∞, or nothing but −∞, gives NaN, as [SoftmaxKernel] does. The fast versions need the vector
/// module; their outputs do not depend on its width.
public final class LogSoftmaxKernel {

    private LogSoftmaxKernel() {}

    /// Log-softmax by its definition.
    public static void reference(double[] y, double[] x) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : x) {
            max = Math.max(max, value);
        }
        double sum = 0;
        for (double value : x) {
            sum += Math.exp(value - max);
        }
        double log = Math.log(sum);
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i] - max - log;
        }
    }

    /// The gradient by its definition.
    public static void backwardReference(double[] dx, double[] y, double[] dy) {
        double sum = 0;
        for (double value : dy) {
            sum += value;
        }
        for (int i = 0; i < y.length; i++) {
            dx[i] = dy[i] - Math.exp(y[i]) * sum;
        }
    }

    /// Log-softmax of rows of float32; `y` and `x` do not overlap. `y` holds the exponentials on the way.
    static void forward(MemorySegment y, long yFrom, MemorySegment x, long xFrom, int rows, int n) {
        for (int row = 0; row < rows; row++) {
            long from = xFrom + (long) row * n;
            long into = yFrom + (long) row * n;
            float max = BlockKernel.max(x, from, n);
            ExponentialKernel.forward(y, into, x, from, n, max);
            float log = (float) Math.log(Rows.sum(y, into, n));
            int done = n < ExponentialKernel.LEAST ? 0 : Simd.subtract(y, into * 4, x, from * 4, n, max, log);
            for (int i = done; i < n; i++) {
                y.setAtIndex(JAVA_FLOAT, into + i, x.getAtIndex(JAVA_FLOAT, from + i) - max - log);
            }
        }
    }

    /// The gradient of rows of float32 from `y`, the log-softmax; `dx` overlaps neither input.
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
            float sum = (float) Rows.sum(dy, dyFrom + skipped, n);
            if (n >= ExponentialKernel.LEAST) {
                long bytes = skipped * 4;
                Simd.backward(dx, dxFrom * 4 + bytes, y, yFrom * 4 + bytes, dy, dyFrom * 4 + bytes, n, sum);
                continue;
            }
            for (long i = skipped; i < skipped + n; i++) {
                float p = (float) Math.exp(y.getAtIndex(JAVA_FLOAT, yFrom + i));
                dx.setAtIndex(JAVA_FLOAT, dxFrom + i, Math.fma(p, -sum, dy.getAtIndex(JAVA_FLOAT, dyFrom + i)));
            }
        }
    }

    /// Offsets count bytes; `n` is at least 16.
    private static final class Simd {

        private static final VectorSpecies<Float> SPECIES = Species.F32;
        private static final int LENGTH = SPECIES.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        /// Returns how many elements it wrote.
        static int subtract(MemorySegment y, long py, MemorySegment x, long px, int n, float max, float log) {
            int i = 0;
            for (; i <= n - LENGTH; i += LENGTH) {
                FloatVector.fromMemorySegment(SPECIES, x, px + i * 4L, ORDER)
                        .sub(max)
                        .sub(log)
                        .intoMemorySegment(y, py + i * 4L, ORDER);
            }
            return i;
        }

        static void backward(
                MemorySegment dx, long pdx, MemorySegment y, long py, MemorySegment dy, long pdy, int n, float sum) {
            FloatVector minus = FloatVector.broadcast(SPECIES, -sum);
            for (int i = 0; i < n - LENGTH; i += LENGTH) {
                gradient(dx, pdx + i * 4L, y, py + i * 4L, dy, pdy + i * 4L, minus);
            }
            long last = (n - LENGTH) * 4L;
            gradient(dx, pdx + last, y, py + last, dy, pdy + last, minus);
        }

        private static void gradient(
                MemorySegment dx, long pdx, MemorySegment y, long py, MemorySegment dy, long pdy, FloatVector minus) {
            VectorMath.exp(FloatVector.fromMemorySegment(SPECIES, y, py, ORDER))
                    .fma(minus, FloatVector.fromMemorySegment(SPECIES, dy, pdy, ORDER))
                    .intoMemorySegment(dx, pdx, ORDER);
        }
    }
}
