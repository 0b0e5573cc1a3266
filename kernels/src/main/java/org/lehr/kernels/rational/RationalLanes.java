package org.lehr.kernels.rational;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.lanes.LaneSum;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// The functions of degrees 5 over 4 in float32, by vectors along the features of a group; what does not fill a vector
/// is loaded with zeros behind it, whose gradient is zero.
final class RationalLanes {

    static final int NUMERATOR = 6;
    static final int DENOMINATOR = 4;

    private static final int LANES = Species.F32.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private RationalLanes() {}

    /// Features `[begin, begin + count)` of rows `[from, to)` of a matrix of `width` columns.
    record Area(long from, long to, long width, long begin, int count) {

        private long row(long r) {
            return (r * width + begin) * Float.BYTES;
        }
    }

    static void forward(MemorySegment ys, MemorySegment xs, float[] c, Area area) {
        MemorySegment y = NativeMemory.of(ys);
        MemorySegment x = NativeMemory.of(xs);
        int whole = Species.F32.loopBound(area.count);
        VectorMask<Float> rest = Species.F32.indexInRange(whole, area.count);
        for (long r = area.from; r < area.to; r++) {
            long row = area.row(r);
            for (int i = 0; i < whole; i += LANES) {
                long at = row + 4L * i;
                value(FloatVector.fromMemorySegment(Species.F32, x, at, ORDER), c)
                        .intoMemorySegment(y, at, ORDER);
            }
            if (whole < area.count) {
                long at = row + 4L * whole;
                value(FloatVector.fromMemorySegment(Species.F32, x, at, ORDER, rest), c)
                        .intoMemorySegment(y, at, ORDER, rest);
            }
        }
    }

    private static FloatVector value(FloatVector x, float[] c) {
        return top(x, c).div(inner(x, c).abs().add(1f));
    }

    private static FloatVector top(FloatVector x, float[] c) {
        FloatVector sum = FloatVector.broadcast(Species.F32, c[5]);
        sum = sum.fma(x, FloatVector.broadcast(Species.F32, c[4]));
        sum = sum.fma(x, FloatVector.broadcast(Species.F32, c[3]));
        sum = sum.fma(x, FloatVector.broadcast(Species.F32, c[2]));
        sum = sum.fma(x, FloatVector.broadcast(Species.F32, c[1]));
        return sum.fma(x, FloatVector.broadcast(Species.F32, c[0]));
    }

    private static FloatVector inner(FloatVector x, float[] c) {
        FloatVector sum = FloatVector.broadcast(Species.F32, c[9]);
        sum = sum.fma(x, FloatVector.broadcast(Species.F32, c[8]));
        sum = sum.fma(x, FloatVector.broadcast(Species.F32, c[7]));
        sum = sum.fma(x, FloatVector.broadcast(Species.F32, c[6]));
        return sum.mul(x);
    }

    private static FloatVector topSlope(FloatVector x, float[] c) {
        FloatVector sum = FloatVector.broadcast(Species.F32, 5 * c[5]);
        sum = sum.fma(x, FloatVector.broadcast(Species.F32, 4 * c[4]));
        sum = sum.fma(x, FloatVector.broadcast(Species.F32, 3 * c[3]));
        sum = sum.fma(x, FloatVector.broadcast(Species.F32, 2 * c[2]));
        return sum.fma(x, FloatVector.broadcast(Species.F32, c[1]));
    }

    private static FloatVector innerSlope(FloatVector x, float[] c) {
        FloatVector sum = FloatVector.broadcast(Species.F32, 4 * c[9]);
        sum = sum.fma(x, FloatVector.broadcast(Species.F32, 3 * c[8]));
        sum = sum.fma(x, FloatVector.broadcast(Species.F32, 2 * c[7]));
        return sum.fma(x, FloatVector.broadcast(Species.F32, c[6]));
    }

    /// Writes the gradient of `x` and adds those of the coefficients to `sums`.
    static void backward(MemorySegment dxs, MemorySegment dys, MemorySegment xs, float[] c, Area area, double[] sums) {
        MemorySegment dx = NativeMemory.of(dxs);
        MemorySegment dy = NativeMemory.of(dys);
        MemorySegment x = NativeMemory.of(xs);
        int whole = Species.F32.loopBound(area.count);
        FloatVector zero = FloatVector.zero(Species.F32);
        FloatVector a0 = zero;
        FloatVector a1 = zero;
        FloatVector a2 = zero;
        FloatVector a3 = zero;
        FloatVector a4 = zero;
        FloatVector a5 = zero;
        FloatVector b1 = zero;
        FloatVector b2 = zero;
        FloatVector b3 = zero;
        FloatVector b4 = zero;
        for (long r = area.from; r < area.to; r++) {
            long row = area.row(r);
            for (int i = 0; i < whole; i += LANES) {
                FloatVector at = FloatVector.fromMemorySegment(Species.F32, x, row + 4L * i, ORDER);
                FloatVector slope = FloatVector.fromMemorySegment(Species.F32, dy, row + 4L * i, ORDER);
                FloatVector inner = inner(at, c);
                FloatVector inverse =
                        FloatVector.broadcast(Species.F32, 1f).div(inner.abs().add(1f));
                FloatVector over = slope.mul(inverse);
                FloatVector signed = zero.sub(over.mul(inverse).mul(top(at, c)));
                FloatVector turned = signed.mul(sign(inner));
                over.mul(topSlope(at, c)).add(turned.mul(innerSlope(at, c))).intoMemorySegment(dx, row + 4L * i, ORDER);
                FloatVector square = at.mul(at);
                FloatVector cube = square.mul(at);
                FloatVector fourth = square.mul(square);
                a0 = a0.add(over);
                a1 = over.fma(at, a1);
                a2 = over.fma(square, a2);
                a3 = over.fma(cube, a3);
                a4 = over.fma(fourth, a4);
                a5 = over.fma(fourth.mul(at), a5);
                b1 = turned.fma(at, b1);
                b2 = turned.fma(square, b2);
                b3 = turned.fma(cube, b3);
                b4 = turned.fma(fourth, b4);
            }
        }
        FloatVector[] all = {a0, a1, a2, a3, a4, a5, b1, b2, b3, b4};
        for (int k = 0; k < all.length; k++) {
            sums[k] += LaneSum.of(all[k].add(0f));
        }
        if (whole < area.count) {
            rest(dx, dy, x, c, area, whole, sums);
        }
    }

    /// −1, 0 or 1 as `x` is.
    private static FloatVector sign(FloatVector x) {
        return FloatVector.broadcast(Species.F32, 1f)
                .blend(-1f, x.compare(VectorOperators.LT, 0f))
                .blend(0f, x.compare(VectorOperators.EQ, 0f));
    }

    /// Features from `begin` on, one by one.
    private static void rest(
            MemorySegment dx, MemorySegment dy, MemorySegment x, float[] c, Area area, int begin, double[] sums) {
        for (long r = area.from; r < area.to; r++) {
            for (int i = begin; i < area.count; i++) {
                long place = area.row(r) / Float.BYTES + i;
                double at = x.getAtIndex(JAVA_FLOAT, place);
                double slope = dy.getAtIndex(JAVA_FLOAT, place);
                double inner = at * (c[6] + at * (c[7] + at * (c[8] + at * c[9])));
                double top = c[0] + at * (c[1] + at * (c[2] + at * (c[3] + at * (c[4] + at * c[5]))));
                double topSlope = c[1] + at * (2 * c[2] + at * (3 * c[3] + at * (4 * c[4] + at * 5 * c[5])));
                double innerSlope = c[6] + at * (2 * c[7] + at * (3 * c[8] + at * 4 * c[9]));
                double bottom = 1 + Math.abs(inner);
                double over = slope / bottom;
                double turned = -over * top * Math.signum(inner) / bottom;
                dx.setAtIndex(JAVA_FLOAT, place, (float) (over * topSlope + turned * innerSlope));
                double power = 1;
                for (int k = 0; k < NUMERATOR; k++) {
                    sums[k] += over * power;
                    power *= at;
                }
                power = at;
                for (int k = 0; k < DENOMINATOR; k++) {
                    sums[NUMERATOR + k] += turned * power;
                    power *= at;
                }
            }
        }
    }
}
