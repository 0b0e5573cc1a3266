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
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.lanes.VectorMath;

/// The loops of [SelectiveKernel], over one vector of channels each. May only be touched where
/// [org.lehr.kernels.lanes.Lanes#available].
///
/// The compiler stops inlining our own methods, though not those of the Vector API, once a loop has become long, and
/// vectors that pass a call are allocated; so loops here call [#load] early, and never store through a call.
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
    static boolean isFar(MemorySegment scratch, long width, long a, int states, int count) {
        MemorySegment s = NativeMemory.of(scratch);
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
    static void widths(MemorySegment scratch, long width, Rows raw, long bias, int count) {
        MemorySegment s = NativeMemory.of(scratch);
        MemorySegment in = NativeMemory.of(raw.memory());
        FloatVector shift = load(s, bias);
        for (int t = 0; t < count; t++) {
            load(in, raw.row(t)).add(shift).intoMemorySegment(s, width + (long) t * ROW, ORDER);
        }
    }

    /// `x = ln(1 + eˣ)`
    static void softplus(MemorySegment scratch, long x, int count) {
        MemorySegment s = NativeMemory.of(scratch);
        for (int t = 0; t < count; t++) {
            long at = x + (long) t * ROW;
            VectorMath.softplus(load(s, at)).intoMemorySegment(s, at, ORDER);
        }
    }

    /// `drive = Δ·u` and `y = d·u`
    static void drives(Places p, Rows u, long d, int count) {
        MemorySegment s = NativeMemory.of(p.memory());
        MemorySegment in = NativeMemory.of(u.memory());
        FloatVector skip = load(s, d);
        for (int t = 0; t < count; t++) {
            long at = (long) t * ROW;
            FloatVector x = load(in, u.row(t));
            x.mul(load(s, p.width() + at)).intoMemorySegment(s, p.drive() + at, ORDER);
            x.mul(skip).intoMemorySegment(s, p.y() + at, ORDER);
        }
    }

    /// `h = 2^(Δ·a)∘h + drive·b` and `y += Σ c·h` from time `from` to `to`.
    static void advance(Places p, Rows b, Rows c, int states, int from, int to, boolean far) {
        MemorySegment s = NativeMemory.of(p.memory());
        MemorySegment in = NativeMemory.of(b.memory());
        MemorySegment out = NativeMemory.of(c.memory());
        for (int t = from; t < to; t++) {
            long row = (long) t * ROW;
            long inRow = b.row(t);
            long outRow = c.row(t);
            FloatVector width = load(s, p.width() + row);
            FloatVector drive = load(s, p.drive() + row);
            FloatVector sum = load(s, p.y() + row);
            for (int j = 0; j < states; j++) {
                long at = (long) j * ROW;
                FloatVector a = load(s, p.a() + at);
                FloatVector added = drive.mul(repeat(in, inRow + 4L * j));
                FloatVector factor = far ? VectorMath.exp(a.mul(width).mul(LN2)) : decay(width, a);
                FloatVector h = factor.fma(FloatVector.fromMemorySegment(F32, s, p.h() + at, ORDER), added);
                h.intoMemorySegment(s, p.h() + at, ORDER);
                sum = h.fma(FloatVector.broadcast(F32, out.get(JAVA_FLOAT_UNALIGNED, outRow + 4L * j)), sum);
            }
            sum.intoMemorySegment(s, p.y() + row, ORDER);
        }
    }

    /// The decays of `count` times by `Δ` and every other row of `a`, each where the state of that row has them.
    static void sizes(Places p, int states, int count, boolean far) {
        MemorySegment s = NativeMemory.of(p.memory());
        for (int t = 0; t < count; t++) {
            long row = (long) t * ROW;
            FloatVector width = load(s, p.width() + row);
            for (int j = 0; j < states; j += 2) {
                FloatVector a = load(s, p.a() + (long) j * ROW);
                FloatVector size = far ? VectorMath.exp(a.mul(width).mul(LN2)) : decay(width, a);
                size.intoMemorySegment(s, p.decays() + row * states + (long) j * ROW, ORDER);
            }
        }
    }

    /// As [#advance] without `y`; leaves the decays and, a row of states later, the states of all times.
    static void retrace(Places p, Rows b, int states, int from, int to, boolean far) {
        MemorySegment s = NativeMemory.of(p.memory());
        MemorySegment in = NativeMemory.of(b.memory());
        long time = (long) states * ROW;
        for (int t = from; t < to; t++) {
            long inRow = b.row(t);
            long was = p.trace() + t * time;
            long decays = p.decays() + t * time;
            FloatVector width = load(s, p.width() + (long) t * ROW);
            FloatVector drive = load(s, p.drive() + (long) t * ROW);
            for (int j = 0; j < states; j++) {
                long at = (long) j * ROW;
                FloatVector a = load(s, p.a() + at);
                FloatVector added = drive.mul(repeat(in, inRow + 4L * j));
                FloatVector factor = far ? VectorMath.exp(a.mul(width).mul(LN2)) : decay(width, a);
                factor.intoMemorySegment(s, decays + at, ORDER);
                factor.fma(FloatVector.fromMemorySegment(F32, s, was + at, ORDER), added)
                        .intoMemorySegment(s, was + time + at, ORDER);
            }
        }
    }

    /// [#retrace] at a time where the state starts again.
    static void restart(Places p, Rows b, int states, int t) {
        MemorySegment s = NativeMemory.of(p.memory());
        MemorySegment in = NativeMemory.of(b.memory());
        FloatVector drive = load(s, p.drive() + (long) t * ROW);
        for (int j = 0; j < states; j++) {
            long at = ((long) t * states + j) * ROW;
            FloatVector.zero(F32).intoMemorySegment(s, p.decays() + at, ORDER);
            drive.mul(repeat(in, b.row(t) + 4L * j)).intoMemorySegment(s, p.trace() + at + (long) states * ROW, ORDER);
        }
    }

    /// Backwards from time `to` to `from`, `carry` being what later times want of the state: the gradients of `a`
    /// (as `Δ·a` has it, in units of `ln 2`), drives and widths of these channels, and `y` again; adds what these
    /// channels want of `b` and `c`, lane by lane.
    static void reverse(Places p, Rows b, Rows c, int states, int from, int to) {
        MemorySegment s = NativeMemory.of(p.memory());
        MemorySegment in = NativeMemory.of(b.memory());
        MemorySegment out = NativeMemory.of(c.memory());
        long time = (long) states * ROW;
        for (int t = to - 1; t >= from; t--) {
            long row = (long) t * ROW;
            long inRow = b.row(t);
            long outRow = c.row(t);
            FloatVector width = load(s, p.width() + row);
            FloatVector drive = load(s, p.drive() + row);
            FloatVector slope = load(s, p.slope() + row);
            FloatVector y = load(s, p.y() + row);
            FloatVector dWidth = FloatVector.zero(F32);
            FloatVector dDrive = FloatVector.zero(F32);
            for (int j = 0; j < states; j++) {
                long at = (long) j * ROW;
                long all = t * time + at;
                FloatVector read = repeat(out, outRow + 4L * j);
                FloatVector written = repeat(in, inRow + 4L * j);
                FloatVector h = load(s, p.trace() + all + time);
                FloatVector dh = slope.fma(read, load(s, p.carry() + at));
                FloatVector decay = load(s, p.decays() + all);
                y = h.fma(read, y);
                dDrive = dh.fma(written, dDrive);
                slope.fma(h, FloatVector.fromMemorySegment(F32, s, p.sumC() + all, ORDER))
                        .intoMemorySegment(s, p.sumC() + all, ORDER);
                dh.fma(drive, FloatVector.fromMemorySegment(F32, s, p.sumB() + all, ORDER))
                        .intoMemorySegment(s, p.sumB() + all, ORDER);
                FloatVector back = dh.mul(decay);
                back.intoMemorySegment(s, p.carry() + at, ORDER);
                FloatVector q = back.mul(FloatVector.fromMemorySegment(F32, s, p.trace() + all, ORDER));
                dWidth = q.fma(FloatVector.fromMemorySegment(F32, s, p.a() + at, ORDER), dWidth);
                q.fma(width, FloatVector.fromMemorySegment(F32, s, p.sumA() + at, ORDER))
                        .intoMemorySegment(s, p.sumA() + at, ORDER);
            }
            y.intoMemorySegment(s, p.y() + row, ORDER);
            dWidth.intoMemorySegment(s, p.dWidth() + row, ORDER);
            dDrive.intoMemorySegment(s, p.dDrive() + row, ORDER);
        }
    }

    /// `out = x·z·σ(z)`
    static void gate(Rows out, Rows x, Rows z, int count) {
        MemorySegment to = NativeMemory.of(out.memory());
        MemorySegment in = NativeMemory.of(x.memory());
        MemorySegment gates = NativeMemory.of(z.memory());
        for (int t = 0; t < count; t++) {
            long at = out.row(t);
            FloatVector gate = load(gates, z.row(t));
            FloatVector value = load(in, x.row(t)).mul(gate);
            VectorMath.sigmoid(gate).mul(value).intoMemorySegment(to, at, ORDER);
        }
    }

    /// `out = x`
    static void copy(Rows out, Rows x, int count) {
        MemorySegment to = NativeMemory.of(out.memory());
        MemorySegment in = NativeMemory.of(x.memory());
        for (int t = 0; t < count; t++) {
            load(in, x.row(t)).intoMemorySegment(to, out.row(t), ORDER);
        }
    }

    /// `dz = dy·y·σ·(1 + z·(1 − σ))`
    static void gateSlopes(Rows dz, MemorySegment scratch, long y, Rows dy, Rows z, int count) {
        MemorySegment s = NativeMemory.of(scratch);
        MemorySegment to = NativeMemory.of(dz.memory());
        MemorySegment in = NativeMemory.of(dy.memory());
        MemorySegment gates = NativeMemory.of(z.memory());
        FloatVector one = FloatVector.broadcast(F32, 1);
        for (int t = 0; t < count; t++) {
            long at = dz.row(t);
            FloatVector gate = load(gates, z.row(t));
            FloatVector slope = load(in, dy.row(t)).mul(load(s, y + (long) t * ROW));
            FloatVector sigmoid = VectorMath.sigmoid(gate);
            one.sub(sigmoid).fma(gate, one).mul(sigmoid).mul(slope).intoMemorySegment(to, at, ORDER);
        }
    }

    /// `ddelta = (ln 2·dΔ + dDrive·u)·f'(raw)`, where `f'(raw) = 1 − e^(−Δ)` for softplus; adds their sum to `sum`.
    static void widthSlopes(Rows out, Places p, Rows u, long sum, boolean softplus, int count) {
        MemorySegment s = NativeMemory.of(p.memory());
        MemorySegment to = NativeMemory.of(out.memory());
        MemorySegment in = NativeMemory.of(u.memory());
        FloatVector total = load(s, sum);
        for (int t = 0; t < count; t++) {
            long row = (long) t * ROW;
            long at = out.row(t);
            FloatVector rest = load(s, p.dWidth() + row).mul(LN2);
            FloatVector slope = load(s, p.dDrive() + row).fma(load(in, u.row(t)), rest);
            if (softplus) {
                slope = VectorMath.expm1(load(s, p.width() + row).neg()).neg().mul(slope);
            }
            total = total.add(slope);
            slope.intoMemorySegment(to, at, ORDER);
        }
        total.intoMemorySegment(s, sum, ORDER);
    }

    /// `du = dDrive·Δ + d·slope`; adds `Σ slope·u` to `sum`.
    static void inputSlopes(Rows out, Places p, Rows u, long d, long sum, int count) {
        MemorySegment s = NativeMemory.of(p.memory());
        MemorySegment to = NativeMemory.of(out.memory());
        MemorySegment in = NativeMemory.of(u.memory());
        FloatVector skip = load(s, d);
        FloatVector total = load(s, sum);
        for (int t = 0; t < count; t++) {
            long row = (long) t * ROW;
            FloatVector slope = load(s, p.slope() + row);
            FloatVector through = load(s, p.dDrive() + row).mul(load(s, p.width() + row));
            total = slope.fma(load(in, u.row(t)), total);
            slope.fma(skip, through).intoMemorySegment(to, out.row(t), ORDER);
        }
        total.intoMemorySegment(s, sum, ORDER);
    }

    /// `out[i] = Σ` of the lanes of row `i`.
    static void sumLanes(MemorySegment out, long to, MemorySegment scratch, long rows, int count) {
        MemorySegment s = NativeMemory.of(scratch);
        for (int i = 0; i < count; i++) {
            out.set(JAVA_FLOAT_UNALIGNED, to + 4L * i, LaneSum.of(load(s, rows + (long) i * ROW)));
        }
    }
}
