package org.lehr.kernels.attention;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.parallel.Workers;

/// Rotary position embedding (Su et al. 2021): element `i` of the first half of a head and element `i` of the second
/// half are turned by the angle of their position.
///
/// `x [a, h, t, d] → out [a, h, t, d]` with `cos, sin [t, d/2]`:
/// `out₁ = x₁·cos − x₂·sin`, `out₂ = x₂·cos + x₁·sin`; backwards with `−sin`. No multiply-add is fused, so that vector
/// and scalar code give the same bits.
public final class RotaryKernel {

    private static final long ROWS = 64;

    private RotaryKernel() {}

    /// The definition, on one row of two halves.
    ///
    /// @param sign 1 forwards, −1 backwards
    public static void reference(double[] out, double[] x, double[] cos, double[] sin, int sign) {
        int half = cos.length;
        for (int i = 0; i < half; i++) {
            out[i] = x[i] * cos[i] - x[half + i] * sin[i] * sign;
            out[half + i] = x[half + i] * cos[i] + x[i] * sin[i] * sign;
        }
    }

    /// Turns float32 or float64 views whose last strides are 1.
    public static void run(View out, View x, View cos, View sin, boolean inverse) {
        long t = x.shape()[2];
        long rows = x.size() / Math.max(1, x.shape()[3]);
        Workers.current().forRange(rows, ROWS, (from, to) -> {
            for (long row = from; row < to; row++) {
                long position = row % t;
                long table = position * cos.shape()[1];
                if (x.dtype() == DType.FLOAT32) {
                    floats(out, place(out, row), x, place(x, row), cos, sin, table, inverse);
                } else {
                    doubles(out, place(out, row), x, place(x, row), cos, sin, table, inverse);
                }
            }
        });
    }

    /// Where row `row` of `[a, h, t]` begins.
    private static long place(View view, long row) {
        long t = view.shape()[2];
        long h = view.shape()[1];
        return view.offset()
                + row / t / h * view.strides()[0]
                + row / t % h * view.strides()[1]
                + row % t * view.strides()[2];
    }

    private static void doubles(View out, long to, View x, long from, View cos, View sin, long table, boolean inverse) {
        int half = (int) cos.shape()[1];
        double[] row = new double[2 * half];
        double[] turned = new double[2 * half];
        double[] c = new double[half];
        double[] s = new double[half];
        for (int i = 0; i < half; i++) {
            row[i] = number(x, from + i);
            row[half + i] = number(x, from + half + i);
            c[i] = number(cos, cos.offset() + table + i);
            s[i] = number(sin, sin.offset() + table + i);
        }
        reference(turned, row, c, s, inverse ? -1 : 1);
        for (int i = 0; i < 2 * half; i++) {
            out.storage().segment().setAtIndex(JAVA_DOUBLE, to + i, turned[i]);
        }
    }

    private static double number(View view, long index) {
        return view.storage().segment().getAtIndex(JAVA_DOUBLE, index);
    }

    private static void floats(View out, long to, View x, long from, View cos, View sin, long table, boolean inverse) {
        int half = (int) cos.shape()[1];
        MemorySegment target = out.storage().segment();
        MemorySegment source = x.storage().segment();
        MemorySegment c = cos.storage().segment();
        MemorySegment s = sin.storage().segment();
        long cAt = (cos.offset() + table) * 4;
        long sAt = (sin.offset() + table) * 4;
        int done = Lanes.available() ? Simd.turn(target, to * 4, source, from * 4, c, cAt, s, sAt, half, inverse) : 0;
        for (int i = done; i < half; i++) {
            float cosine = c.get(JAVA_FLOAT, cAt + i * 4L);
            float sine = inverse ? -s.get(JAVA_FLOAT, sAt + i * 4L) : s.get(JAVA_FLOAT, sAt + i * 4L);
            float first = source.getAtIndex(JAVA_FLOAT, from + i);
            float second = source.getAtIndex(JAVA_FLOAT, from + half + i);
            target.setAtIndex(JAVA_FLOAT, to + i, first * cosine - second * sine);
            target.setAtIndex(JAVA_FLOAT, to + half + i, second * cosine + first * sine);
        }
    }

    private static final class Simd {

        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        /// Turns as many elements of each half as fill whole vectors; places in bytes.
        static int turn(
                MemorySegment out,
                long to,
                MemorySegment x,
                long from,
                MemorySegment cos,
                long cAt,
                MemorySegment sin,
                long sAt,
                int half,
                boolean inverse) {
            int i = 0;
            for (; i <= half - Species.F32.length(); i += Species.F32.length()) {
                FloatVector c = FloatVector.fromMemorySegment(Species.F32, cos, cAt + i * 4L, ORDER);
                FloatVector s = FloatVector.fromMemorySegment(Species.F32, sin, sAt + i * 4L, ORDER);
                FloatVector sine = inverse ? s.neg() : s;
                FloatVector first = FloatVector.fromMemorySegment(Species.F32, x, from + i * 4L, ORDER);
                FloatVector second = FloatVector.fromMemorySegment(Species.F32, x, from + (half + i) * 4L, ORDER);
                first.mul(c).sub(second.mul(sine)).intoMemorySegment(out, to + i * 4L, ORDER);
                second.mul(c).add(first.mul(sine)).intoMemorySegment(out, to + (half + i) * 4L, ORDER);
            }
            return i;
        }
    }
}
