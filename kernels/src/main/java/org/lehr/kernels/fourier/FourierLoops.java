package org.lehr.kernels.fourier;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// The loops of [FourierVectors] over rows of signals, of a whole number of vectors. Places and lengths of rows are in
/// bytes. May only be touched where vectors are available.
final class FourierLoops {

    private static final VectorSpecies<Float> F = Species.F32;
    private static final int W = F.vectorByteSize();
    private static final ByteOrder N = ByteOrder.nativeOrder();
    private static final VectorShuffle<Float> ZIP_LOW = VectorShuffle.makeZip(F, 0);
    private static final VectorShuffle<Float> ZIP_HIGH = VectorShuffle.makeZip(F, 1);
    private static final VectorShuffle<Float> EVEN = VectorShuffle.makeUnzip(F, 0);
    private static final VectorShuffle<Float> ODD = VectorShuffle.makeUnzip(F, 1);

    /// The rows of a frequency `k` and of `length − k`, in bytes from where the parts begin.
    record Halves(long re, long im, long low, long high) {}

    private FourierLoops() {}

    /// Floats of a row that holds `count`.
    static int padded(int count) {
        return Math.ceilDiv(count, F.length()) * F.length();
    }

    /// The step of halves of 1, whose only factor is 1.
    static void two(MemorySegment memory, long re, long im, int length, long row) {
        MemorySegment m = NativeMemory.of(memory);
        for (int k = 0; k < length; k += 2) {
            for (long i = k * row; i < (k + 1) * row; i += W) {
                FloatVector a = FloatVector.fromMemorySegment(F, m, re + i, N);
                FloatVector b = FloatVector.fromMemorySegment(F, m, re + row + i, N);
                a.add(b).intoMemorySegment(m, re + i, N);
                a.sub(b).intoMemorySegment(m, re + row + i, N);
                FloatVector c = FloatVector.fromMemorySegment(F, m, im + i, N);
                FloatVector d = FloatVector.fromMemorySegment(F, m, im + row + i, N);
                c.add(d).intoMemorySegment(m, im + i, N);
                c.sub(d).intoMemorySegment(m, im + row + i, N);
            }
        }
    }

    /// The steps of halves of `half` and `2·half` in one: the factors of the second step are `w` and `∓i·w`.
    ///
    /// @param sign 1 for the transform, −1 for its inverse
    static void four(MemorySegment memory, long re, long im, int half, long row, Twiddles table, float sign) {
        MemorySegment m = NativeMemory.of(memory);
        float[] cosines = table.shortCosines();
        float[] sines = table.shortSines();
        int length = 2 * cosines.length;
        int stride = length / 4 / half;
        long step = half * row;
        for (int group = 0; group < length; group += 4 * half) {
            for (int k = 0; k < half; k++) {
                FloatVector c1 = FloatVector.broadcast(F, cosines[2 * k * stride]);
                FloatVector s1 = FloatVector.broadcast(F, sign * sines[2 * k * stride]);
                FloatVector c2 = FloatVector.broadcast(F, cosines[k * stride]);
                FloatVector s2 = FloatVector.broadcast(F, sign * sines[k * stride]);
                long first = (group + k) * row;
                for (long i = first; i < first + row; i += W) {
                    FloatVector r0 = FloatVector.fromMemorySegment(F, m, re + i, N);
                    FloatVector i0 = FloatVector.fromMemorySegment(F, m, im + i, N);
                    FloatVector r1 = FloatVector.fromMemorySegment(F, m, re + step + i, N);
                    FloatVector i1 = FloatVector.fromMemorySegment(F, m, im + step + i, N);
                    FloatVector r2 = FloatVector.fromMemorySegment(F, m, re + 2 * step + i, N);
                    FloatVector i2 = FloatVector.fromMemorySegment(F, m, im + 2 * step + i, N);
                    FloatVector r3 = FloatVector.fromMemorySegment(F, m, re + 3 * step + i, N);
                    FloatVector i3 = FloatVector.fromMemorySegment(F, m, im + 3 * step + i, N);
                    FloatVector turnedRe = r1.mul(c1).sub(i1.mul(s1));
                    FloatVector turnedIm = r1.mul(s1).add(i1.mul(c1));
                    r1 = r0.sub(turnedRe);
                    i1 = i0.sub(turnedIm);
                    r0 = r0.add(turnedRe);
                    i0 = i0.add(turnedIm);
                    turnedRe = r3.mul(c1).sub(i3.mul(s1));
                    turnedIm = r3.mul(s1).add(i3.mul(c1));
                    r3 = r2.sub(turnedRe);
                    i3 = i2.sub(turnedIm);
                    r2 = r2.add(turnedRe);
                    i2 = i2.add(turnedIm);
                    turnedRe = r2.mul(c2).sub(i2.mul(s2));
                    turnedIm = r2.mul(s2).add(i2.mul(c2));
                    r0.add(turnedRe).intoMemorySegment(m, re + i, N);
                    i0.add(turnedIm).intoMemorySegment(m, im + i, N);
                    r0.sub(turnedRe).intoMemorySegment(m, re + 2 * step + i, N);
                    i0.sub(turnedIm).intoMemorySegment(m, im + 2 * step + i, N);
                    turnedRe = r3.mul(s2).add(i3.mul(c2)).mul(sign);
                    turnedIm = i3.mul(s2).sub(r3.mul(c2)).mul(sign);
                    r1.add(turnedRe).intoMemorySegment(m, re + step + i, N);
                    i1.add(turnedIm).intoMemorySegment(m, im + step + i, N);
                    r1.sub(turnedRe).intoMemorySegment(m, re + 3 * step + i, N);
                    i1.sub(turnedIm).intoMemorySegment(m, im + 3 * step + i, N);
                }
            }
        }
    }

    /// The transforms of the two real signals in each complex one at one frequency, as pairs: `(Z + conj Z')/2`
    /// from
    /// `first` on and `(Z − conj Z')/2i` from `second` on, with `Z` in the row `low` and `Z'` in `high`.
    static void split(MemorySegment memory, Halves at, long row, long first, long second) {
        MemorySegment m = NativeMemory.of(memory);
        for (long i = 0; i < row; i += W) {
            FloatVector lowRe = FloatVector.fromMemorySegment(F, m, at.re() + at.low() + i, N)
                    .mul(0.5f);
            FloatVector lowIm = FloatVector.fromMemorySegment(F, m, at.im() + at.low() + i, N)
                    .mul(0.5f);
            FloatVector highRe = FloatVector.fromMemorySegment(F, m, at.re() + at.high() + i, N)
                    .mul(0.5f);
            FloatVector highIm = FloatVector.fromMemorySegment(F, m, at.im() + at.high() + i, N)
                    .mul(0.5f);
            FloatVector a = lowRe.add(highRe);
            FloatVector b = lowIm.sub(highIm);
            a.rearrange(ZIP_LOW, b).intoMemorySegment(m, first + 2 * i, N);
            a.rearrange(ZIP_HIGH, b).intoMemorySegment(m, first + 2 * i + W, N);
            FloatVector c = lowIm.add(highIm);
            FloatVector d = highRe.sub(lowRe);
            c.rearrange(ZIP_LOW, d).intoMemorySegment(m, second + 2 * i, N);
            c.rearrange(ZIP_HIGH, d).intoMemorySegment(m, second + 2 * i + W, N);
        }
    }

    /// Undoes [#split] times `factor`.
    ///
    /// @param real whether the frequency is one whose imaginary parts do not count
    static void join(MemorySegment memory, Halves at, long first, long second, long row, float factor, boolean real) {
        MemorySegment m = NativeMemory.of(memory);
        for (long i = 0; i < row; i += W) {
            FloatVector a =
                    FloatVector.fromMemorySegment(F, m, first + 2 * i, N).mul(factor);
            FloatVector b =
                    FloatVector.fromMemorySegment(F, m, first + 2 * i + W, N).mul(factor);
            FloatVector c =
                    FloatVector.fromMemorySegment(F, m, second + 2 * i, N).mul(factor);
            FloatVector d =
                    FloatVector.fromMemorySegment(F, m, second + 2 * i + W, N).mul(factor);
            FloatVector firstRe = a.rearrange(EVEN, b);
            FloatVector firstIm = real ? FloatVector.zero(F) : a.rearrange(ODD, b);
            FloatVector secondRe = c.rearrange(EVEN, d);
            FloatVector secondIm = real ? FloatVector.zero(F) : c.rearrange(ODD, d);
            firstRe.add(secondIm).intoMemorySegment(m, at.re() + at.high() + i, N);
            secondRe.sub(firstIm).intoMemorySegment(m, at.im() + at.high() + i, N);
            firstRe.sub(secondIm).intoMemorySegment(m, at.re() + at.low() + i, N);
            firstIm.add(secondRe).intoMemorySegment(m, at.im() + at.low() + i, N);
        }
    }
}
