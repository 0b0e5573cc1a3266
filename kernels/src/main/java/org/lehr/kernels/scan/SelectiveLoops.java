package org.lehr.kernels.scan;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.LaneSum;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.lanes.VectorMath;

/// The loops of [SelectiveKernel], over one vector of channels each. May only be touched where
/// [org.lehr.kernels.lanes.Lanes#available].
///
/// `s` is scratch memory where rows of [#LANES] numbers stand behind each other; places in it are bytes. A loop
/// over times has a loop over states inside, whose vectors are in the first-level cache.
final class SelectiveLoops {

    static final VectorSpecies<Float> F32 = Species.F32;
    static final int LANES = F32.length();

    /// Bytes of a row.
    static final int ROW = 4 * LANES;

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /// `ln 2` and its reciprocal: decays are powers of two here.
    static final float LN2 = 0.6931472f;

    static final float LOG2_E = 1.442695f;

    /// Beyond this exponent [#decay] would leave the normal numbers.
    private static final float FAR = 125;

    /// `1.5·2²³`: adding it leaves the nearest integer in the low bits.
    private static final float ROUNDER = 12582912f;

    /// `2ᶠ = 1 + f·(P0 + P1·f + ... + P4·f⁴)` for `|f| ≤ ½`, a minimax fit off by at most `9.4e-8` of it.
    private static final float P0 = 0x1.62e42ap-1f;
    private static final float P1 = 0x1.ebf9c2p-3f;
    private static final float P2 = 0x1.c6b6d8p-5f;
    private static final float P3 = 0x1.3ce8b0p-7f;
    private static final float P4 = 0x1.5bda7ap-10f;

    private SelectiveLoops() {}

    private static FloatVector load(MemorySegment s, long at) {
        return FloatVector.fromMemorySegment(F32, s, at, ORDER);
    }

    private static void store(FloatVector v, MemorySegment s, long at) {
        v.intoMemorySegment(s, at, ORDER);
    }

    private static FloatVector repeat(MemorySegment s, long at) {
        return FloatVector.broadcast(F32, s.get(JAVA_FLOAT_UNALIGNED, at));
    }

    /// `2^(Δ·a)`, the exponent unrounded; at most three roundings off for exponents up to [#FAR].
    private static FloatVector decay(FloatVector width, FloatVector a) {
        FloatVector shifted = width.fma(a, FloatVector.broadcast(F32, ROUNDER));
        FloatVector f = width.fma(a, FloatVector.broadcast(F32, ROUNDER).sub(shifted));
        FloatVector p = f.fma(FloatVector.broadcast(F32, P4), FloatVector.broadcast(F32, P3));
        p = p.fma(f, FloatVector.broadcast(F32, P2));
        p = p.fma(f, FloatVector.broadcast(F32, P1));
        p = p.fma(f, FloatVector.broadcast(F32, P0));
        p = p.fma(f, FloatVector.broadcast(F32, 1));
        // the rounder's own bits leave at the top
        IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(power).reinterpretAsFloats();
    }

    /// Whether some `|Δ·a|` of `count` times is so large that it takes an exponential of the whole range.
    static boolean isFar(MemorySegment s, long width, long a, int states, int count) {
        FloatVector most = FloatVector.zero(F32);
        for (int j = 0; j < states; j++) {
            most = most.max(load(s, a + (long) j * ROW).abs());
        }
        VectorMask<Float> far = F32.maskAll(false);
        for (int t = 0; t < count; t++) {
            // not smaller, so that NaN counts
            far = far.or(load(s, width + (long) t * ROW)
                    .abs()
                    .mul(most)
                    .compare(VectorOperators.LT, FAR)
                    .not());
        }
        return far.anyTrue();
    }

    /// `Δ = raw + bias`
    static void widths(MemorySegment s, long width, Rows raw, long bias, int count) {
        FloatVector shift = load(s, bias);
        for (int t = 0; t < count; t++) {
            store(load(raw.memory(), raw.row(t)).add(shift), s, width + (long) t * ROW);
        }
    }

    /// `x = ln(1 + eˣ)`
    static void softplus(MemorySegment s, long x, int count) {
        for (int t = 0; t < count; t++) {
            store(VectorMath.softplus(load(s, x + (long) t * ROW)), s, x + (long) t * ROW);
        }
    }

    /// `drive = Δ·u` and `y = d·u`
    static void drives(MemorySegment s, long drive, long y, long width, Rows u, long d, int count) {
        FloatVector skip = load(s, d);
        for (int t = 0; t < count; t++) {
            long at = (long) t * ROW;
            FloatVector x = load(u.memory(), u.row(t));
            store(x.mul(load(s, width + at)), s, drive + at);
            store(x.mul(skip), s, y + at);
        }
    }

    /// `h = 2^(Δ·a)∘h + drive·b` and `y += Σ c·h` from time `from` to `to`.
    static void advance(Places p, Rows b, Rows c, int states, int from, int to, boolean far) {
        MemorySegment s = p.memory();
        for (int t = from; t < to; t++) {
            long row = (long) t * ROW;
            FloatVector width = load(s, p.width() + row);
            FloatVector drive = load(s, p.drive() + row);
            FloatVector sum = load(s, p.y() + row);
            for (int j = 0; j < states; j++) {
                long at = (long) j * ROW;
                FloatVector a = load(s, p.a() + at);
                FloatVector factor = far ? VectorMath.exp(a.mul(width).mul(LN2)) : decay(width, a);
                FloatVector in = drive.mul(repeat(b.memory(), b.row(t) + 4L * j));
                FloatVector h = factor.fma(load(s, p.h() + at), in);
                store(h, s, p.h() + at);
                sum = h.fma(repeat(c.memory(), c.row(t) + 4L * j), sum);
            }
            store(sum, s, p.y() + row);
        }
    }

    /// As [#advance] without `y`; leaves the decays and, a row of states later, the states of all times.
    static void retrace(Places p, Rows b, int states, int from, int to, boolean far) {
        MemorySegment s = p.memory();
        for (int t = from; t < to; t++) {
            long row = (long) t * ROW;
            FloatVector width = load(s, p.width() + row);
            FloatVector drive = load(s, p.drive() + row);
            long was = p.trace() + (long) t * states * ROW;
            for (int j = 0; j < states; j++) {
                long at = (long) j * ROW;
                FloatVector a = load(s, p.a() + at);
                FloatVector factor = far ? VectorMath.exp(a.mul(width).mul(LN2)) : decay(width, a);
                store(factor, s, p.decays() + (long) t * states * ROW + at);
                FloatVector in = drive.mul(repeat(b.memory(), b.row(t) + 4L * j));
                store(factor.fma(load(s, was + at), in), s, was + (long) states * ROW + at);
            }
        }
    }

    /// [#retrace] at a time where the state starts again.
    static void restart(Places p, Rows b, int states, int t) {
        MemorySegment s = p.memory();
        FloatVector drive = load(s, p.drive() + (long) t * ROW);
        for (int j = 0; j < states; j++) {
            long at = ((long) t * states + j) * ROW;
            store(FloatVector.zero(F32), s, p.decays() + at);
            store(drive.mul(repeat(b.memory(), b.row(t) + 4L * j)), s, p.trace() + at + (long) states * ROW);
        }
    }

    /// Backwards from time `to` to `from`, `carry` being what later times want of the state: the gradients of
    /// `a` (of `2^(Δ·a)`, in units of `ln 2`, as that of `Δ`), drives and widths of these channels, and `y` again;
    /// adds what these channels want of `b` and `c`, lane by lane.
    static void reverse(Places p, Rows b, Rows c, int states, int from, int to) {
        MemorySegment s = p.memory();
        for (int t = to - 1; t >= from; t--) {
            long row = (long) t * ROW;
            long all = (long) t * states * ROW;
            FloatVector width = load(s, p.width() + row);
            FloatVector drive = load(s, p.drive() + row);
            FloatVector slope = load(s, p.slope() + row);
            FloatVector y = load(s, p.y() + row);
            FloatVector dWidth = FloatVector.zero(F32);
            FloatVector dDrive = FloatVector.zero(F32);
            for (int j = 0; j < states; j++) {
                long at = (long) j * ROW;
                FloatVector out = repeat(c.memory(), c.row(t) + 4L * j);
                FloatVector h = load(s, p.trace() + all + (long) states * ROW + at);
                FloatVector dh = slope.fma(out, load(s, p.carry() + at));
                y = h.fma(out, y);
                store(slope.fma(h, load(s, p.sumC() + all + at)), s, p.sumC() + all + at);
                store(dh.fma(drive, load(s, p.sumB() + all + at)), s, p.sumB() + all + at);
                dDrive = dh.fma(repeat(b.memory(), b.row(t) + 4L * j), dDrive);
                FloatVector back = dh.mul(load(s, p.decays() + all + at));
                store(back, s, p.carry() + at);
                FloatVector q = back.mul(load(s, p.trace() + all + at));
                dWidth = q.fma(load(s, p.a() + at), dWidth);
                store(q.fma(width, load(s, p.sumA() + at)), s, p.sumA() + at);
            }
            store(y, s, p.y() + row);
            store(dWidth, s, p.dWidth() + row);
            store(dDrive, s, p.dDrive() + row);
        }
    }

    /// `y·z·σ(z)`, or `y` itself where there is no gate.
    static void gate(Rows out, MemorySegment s, long y, Rows z, int count) {
        for (int t = 0; t < count; t++) {
            FloatVector value = load(s, y + (long) t * ROW);
            if (z != null) {
                FloatVector gate = load(z.memory(), z.row(t));
                value = VectorMath.sigmoid(gate).mul(gate).mul(value);
            }
            store(value, out.memory(), out.row(t));
        }
    }

    /// `slope = dy·z·σ(z)`, or `dy` itself where there is no gate.
    static void slopes(MemorySegment s, long slope, Rows dy, Rows z, int count) {
        for (int t = 0; t < count; t++) {
            FloatVector value = load(dy.memory(), dy.row(t));
            if (z != null) {
                FloatVector gate = load(z.memory(), z.row(t));
                value = VectorMath.sigmoid(gate).mul(gate).mul(value);
            }
            store(value, s, slope + (long) t * ROW);
        }
    }

    /// `dz = dy·y·σ·(1 + z·(1 − σ))`
    static void gateSlopes(Rows dz, MemorySegment s, long y, Rows dy, Rows z, int count) {
        FloatVector one = FloatVector.broadcast(F32, 1);
        for (int t = 0; t < count; t++) {
            FloatVector gate = load(z.memory(), z.row(t));
            FloatVector sigmoid = VectorMath.sigmoid(gate);
            FloatVector slope = one.sub(sigmoid).fma(gate, one).mul(sigmoid);
            store(load(dy.memory(), dy.row(t)).mul(load(s, y + (long) t * ROW)).mul(slope), dz.memory(), dz.row(t));
        }
    }

    /// `ddelta = (ln 2·dΔ + dDrive·u)·f'(raw)`, where `f'(raw) = 1 − e^(−Δ)` for softplus; adds their sum to `sum`.
    static void widthSlopes(Rows out, Places p, Rows u, long sum, boolean softplus, int count) {
        MemorySegment s = p.memory();
        FloatVector total = load(s, sum);
        for (int t = 0; t < count; t++) {
            long row = (long) t * ROW;
            FloatVector slope = load(s, p.dDrive() + row)
                    .fma(load(u.memory(), u.row(t)), load(s, p.dWidth() + row).mul(LN2));
            if (softplus) {
                slope = VectorMath.expm1(load(s, p.width() + row).neg()).neg().mul(slope);
            }
            total = total.add(slope);
            store(slope, out.memory(), out.row(t));
        }
        store(total, s, sum);
    }

    /// `du = dDrive·Δ + d·slope`; adds `Σ slope·u` to `sum`.
    static void inputSlopes(Rows out, Places p, Rows u, long d, long sum, int count) {
        MemorySegment s = p.memory();
        FloatVector skip = load(s, d);
        FloatVector total = load(s, sum);
        for (int t = 0; t < count; t++) {
            long row = (long) t * ROW;
            FloatVector slope = load(s, p.slope() + row);
            total = slope.fma(load(u.memory(), u.row(t)), total);
            store(
                    load(s, p.dDrive() + row).fma(load(s, p.width() + row), slope.mul(skip)),
                    out.memory(),
                    out.row(t));
        }
        store(total, s, sum);
    }

    /// `out[i] = Σ` of the lanes of row `i`.
    static void sumLanes(MemorySegment out, long to, MemorySegment s, long rows, int count) {
        for (int i = 0; i < count; i++) {
            out.set(JAVA_FLOAT_UNALIGNED, to + 4L * i, LaneSum.of(load(s, rows + (long) i * ROW)));
        }
    }
}
