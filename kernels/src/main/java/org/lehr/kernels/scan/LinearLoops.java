package org.lehr.kernels.scan;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// The steps of the linear scan on rows of channels: every number is the same two or four operations whatever the width
/// of vectors. May only be touched where vectors are available.
///
/// A vector of complex numbers is pairs `(re, im)`: with each part of `a` given to both places of its pair,
/// `a·h = re(a)·(re, im) + im(a)·(−im, re)`, and for the conjugate of `a` the other sign.
final class LinearLoops {

    private static final VectorSpecies<Float> F = Species.F32;
    private static final int W = F.vectorByteSize();
    private static final ByteOrder N = ByteOrder.nativeOrder();
    private static final VectorShuffle<Float> REAL = VectorShuffle.fromOp(F, i -> i & ~1);
    private static final VectorShuffle<Float> IMAGINARY = VectorShuffle.fromOp(F, i -> i | 1);
    private static final VectorShuffle<Float> SWAPPED = VectorShuffle.fromOp(F, i -> i ^ 1);
    private static final FloatVector SIGNS = signs();

    private LinearLoops() {}

    private static FloatVector signs() {
        float[] signs = new float[F.length()];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = i % 2 == 0 ? -1 : 1;
        }
        return FloatVector.fromArray(F, signs, 0);
    }

    /// `out = a∘h + x` for `count` rows of `floats` real numbers, row after row, so that `out` may be what `h` is a
    /// row
    /// later.
    static void step(Rows out, Rows a, Rows h, Rows x, int count, int floats) {
        MemorySegment to = NativeMemory.of(out.memory());
        MemorySegment rates = NativeMemory.of(a.memory());
        MemorySegment states = NativeMemory.of(h.memory());
        MemorySegment in = NativeMemory.of(x.memory());
        long whole = 4L * floats / W * W;
        for (int t = 0; t < count; t++) {
            long o = out.row(t);
            long p = a.row(t);
            long q = h.row(t);
            long r = x.row(t);
            for (long i = 0; i < whole; i += W) {
                FloatVector.fromMemorySegment(F, rates, p + i, N)
                        .fma(
                                FloatVector.fromMemorySegment(F, states, q + i, N),
                                FloatVector.fromMemorySegment(F, in, r + i, N))
                        .intoMemorySegment(to, o + i, N);
            }
            for (long i = whole; i < 4L * floats; i += 4) {
                put(to, o + i, Math.fma(get(rates, p + i), get(states, q + i), get(in, r + i)));
            }
        }
    }

    /// `out = a∘h` for `count` rows of `floats` real numbers.
    static void product(Rows out, Rows a, Rows h, int count, int floats) {
        MemorySegment to = NativeMemory.of(out.memory());
        MemorySegment rates = NativeMemory.of(a.memory());
        MemorySegment states = NativeMemory.of(h.memory());
        long whole = 4L * floats / W * W;
        for (int t = 0; t < count; t++) {
            long o = out.row(t);
            long p = a.row(t);
            long q = h.row(t);
            for (long i = 0; i < whole; i += W) {
                FloatVector.fromMemorySegment(F, rates, p + i, N)
                        .mul(FloatVector.fromMemorySegment(F, states, q + i, N))
                        .intoMemorySegment(to, o + i, N);
            }
            for (long i = whole; i < 4L * floats; i += 4) {
                put(to, o + i, get(rates, p + i) * get(states, q + i));
            }
        }
    }

    /// [#step] for complex numbers, `floats` being twice as many as they; with a `sign` of −1, for the conjugate of
    /// `a`.
    static void complexStep(Rows out, Rows a, Rows h, Rows x, int count, int floats, float sign) {
        MemorySegment to = NativeMemory.of(out.memory());
        MemorySegment rates = NativeMemory.of(a.memory());
        MemorySegment states = NativeMemory.of(h.memory());
        MemorySegment in = NativeMemory.of(x.memory());
        FloatVector signs = SIGNS.mul(sign);
        long whole = 4L * floats / W * W;
        for (int t = 0; t < count; t++) {
            long o = out.row(t);
            long p = a.row(t);
            long q = h.row(t);
            long r = x.row(t);
            for (long i = 0; i < whole; i += W) {
                FloatVector rate = FloatVector.fromMemorySegment(F, rates, p + i, N);
                FloatVector state = FloatVector.fromMemorySegment(F, states, q + i, N);
                FloatVector turned = state.rearrange(SWAPPED).mul(signs);
                FloatVector sum = rate.rearrange(IMAGINARY).fma(turned, FloatVector.fromMemorySegment(F, in, r + i, N));
                rate.rearrange(REAL).fma(state, sum).intoMemorySegment(to, o + i, N);
            }
            for (long i = whole; i < 4L * floats; i += 8) {
                float re = get(states, q + i);
                float im = get(states, q + i + 4);
                float a0 = get(rates, p + i);
                float a1 = get(rates, p + i + 4);
                put(to, o + i, Math.fma(a0, re, Math.fma(a1, -sign * im, get(in, r + i))));
                put(to, o + i + 4, Math.fma(a0, im, Math.fma(a1, sign * re, get(in, r + i + 4))));
            }
        }
    }

    /// `out = conj(a)∘h` for `count` rows of complex numbers.
    static void conjugateProduct(Rows out, Rows a, Rows h, int count, int floats) {
        MemorySegment to = NativeMemory.of(out.memory());
        MemorySegment rates = NativeMemory.of(a.memory());
        MemorySegment states = NativeMemory.of(h.memory());
        FloatVector signs = SIGNS.neg();
        long whole = 4L * floats / W * W;
        for (int t = 0; t < count; t++) {
            long o = out.row(t);
            long p = a.row(t);
            long q = h.row(t);
            for (long i = 0; i < whole; i += W) {
                FloatVector rate = FloatVector.fromMemorySegment(F, rates, p + i, N);
                FloatVector state = FloatVector.fromMemorySegment(F, states, q + i, N);
                FloatVector turned = state.rearrange(SWAPPED).mul(signs);
                rate.rearrange(REAL)
                        .fma(state, rate.rearrange(IMAGINARY).mul(turned))
                        .intoMemorySegment(to, o + i, N);
            }
            for (long i = whole; i < 4L * floats; i += 8) {
                float re = get(states, q + i);
                float im = get(states, q + i + 4);
                float a0 = get(rates, p + i);
                float a1 = get(rates, p + i + 4);
                put(to, o + i, Math.fma(a0, re, a1 * im));
                put(to, o + i + 4, Math.fma(a0, im, a1 * -re));
            }
        }
    }

    private static float get(MemorySegment memory, long at) {
        return memory.get(JAVA_FLOAT_UNALIGNED, at);
    }

    private static void put(MemorySegment memory, long at, float x) {
        memory.set(JAVA_FLOAT_UNALIGNED, at, x);
    }
}
