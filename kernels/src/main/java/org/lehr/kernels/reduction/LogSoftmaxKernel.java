package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Species;

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

    /// Log-softmax of a row of float32; `y` and `x` do not overlap.
    static void forward(MemorySegment y, long yFrom, MemorySegment x, long xFrom, int n) {
        float max = BlockKernel.max(x, xFrom, n);
        float log = (float) Math.log(Rows.sumExponentials(x, xFrom, n, max));
        int done = n < Rows.LEAST ? 0 : Simd.subtract(y, yFrom * 4, x, xFrom * 4, n, max, log);
        for (int i = done; i < n; i++) {
            y.setAtIndex(JAVA_FLOAT, yFrom + i, x.getAtIndex(JAVA_FLOAT, xFrom + i) - max - log);
        }
    }

    /// The gradient of a row of float32 from `y`, the log-softmax; `dx` overlaps neither input.
    static void backward(
            MemorySegment dx, long dxFrom, MemorySegment y, long yFrom, MemorySegment dy, long dyFrom, int n) {
        float sum = (float) Rows.sum(dy, dyFrom, n);
        if (n >= Rows.LEAST) {
            Simd.backward(dx, dxFrom * 4, y, yFrom * 4, dy, dyFrom * 4, n, sum);
            return;
        }
        for (int i = 0; i < n; i++) {
            float p = (float) Math.exp(y.getAtIndex(JAVA_FLOAT, yFrom + i));
            dx.setAtIndex(JAVA_FLOAT, dxFrom + i, Math.fma(p, -sum, dy.getAtIndex(JAVA_FLOAT, dyFrom + i)));
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
            Exponential.exp(FloatVector.fromMemorySegment(SPECIES, y, py, ORDER))
                    .fma(minus, FloatVector.fromMemorySegment(SPECIES, dy, pdy, ORDER))
                    .intoMemorySegment(dx, pdx, ORDER);
        }
    }
}
