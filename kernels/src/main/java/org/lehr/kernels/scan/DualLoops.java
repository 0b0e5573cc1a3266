package org.lehr.kernels.scan;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.LaneSum;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.lanes.VectorMath;
import org.lehr.kernels.matmul.Matrix;

/// The loops of [DualKernel] beside its products of matrices. May only be touched where
/// [org.lehr.kernels.lanes.Lanes#available].
final class DualLoops {

    private static final VectorSpecies<Float> F32 = Species.F32;
    static final int LANES = F32.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final FloatVector PLACES = FloatVector.zero(F32).addIndex(1);

    private DualLoops() {}

    private static FloatVector load(MemorySegment s, long at) {
        return FloatVector.fromMemorySegment(F32, s, at, ORDER);
    }

    private static FloatVector load(MemorySegment s, long at, VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(F32, s, at, ORDER, mask);
    }

    private static FloatVector repeat(MemorySegment s, long at) {
        return FloatVector.broadcast(F32, s.get(JAVA_FLOAT_UNALIGNED, at));
    }

    /// `weights[j] = exp(sum(row) − sum(j))·gram[j]` for `first ≤ j ≤ row`, 0 for other `j < end`.
    static void weigh(DualPlaces p, int row, int first, int end) {
        MemorySegment s = NativeMemory.of(p.memory());
        FloatVector high = repeat(s, p.high() + 4L * row);
        FloatVector low = repeat(s, p.low() + 4L * row);
        long gram = 4 * p.gram().at(row, 0);
        long weights = 4 * p.weights().at(row, 0);
        for (int j = 0; j < end; j += LANES) {
            FloatVector between = high.sub(load(s, p.high() + 4L * j)).add(low.sub(load(s, p.low() + 4L * j)));
            FloatVector weight = VectorMath.exp(between).mul(load(s, gram + 4L * j));
            VectorMask<Float> hidden =
                    PLACES.compare(VectorOperators.GT, row - j).or(PLACES.compare(VectorOperators.LT, first - j));
            weight.blend(0, hidden).intoMemorySegment(s, weights + 4L * j, ORDER);
        }
    }

    /// As [#weigh], in place of the gradient `e` of the weights. With it `dGram[j] += exp(..)·e[j]`, and the
    /// gradient of each exponent, which is `weights[j]·e[j]`, is added to `sums[j]`. Rows come from the last to
    /// the first.
    ///
    /// @return the gradient of the decay at `row`: all exponents from a time before it to this or a later one
    ///     have it
    static float slopes(DualPlaces p, int row, int first, int end) {
        MemorySegment s = NativeMemory.of(p.memory());
        FloatVector high = repeat(s, p.high() + 4L * row);
        FloatVector low = repeat(s, p.low() + 4L * row);
        long gram = 4 * p.gram().at(row, 0);
        long weights = 4 * p.weights().at(row, 0);
        long dGram = 4 * p.dGram().at(row, 0);
        FloatVector total = FloatVector.zero(F32);
        for (int j = 0; j < end; j += LANES) {
            FloatVector between = high.sub(load(s, p.high() + 4L * j)).add(low.sub(load(s, p.low() + 4L * j)));
            FloatVector decay = VectorMath.exp(between);
            FloatVector e = load(s, weights + 4L * j);
            VectorMask<Float> hidden =
                    PLACES.compare(VectorOperators.GT, row - j).or(PLACES.compare(VectorOperators.LT, first - j));
            FloatVector weight = decay.mul(load(s, gram + 4L * j)).blend(0, hidden);
            weight.intoMemorySegment(s, weights + 4L * j, ORDER);
            load(s, dGram + 4L * j).add(decay.mul(e).blend(0, hidden)).intoMemorySegment(s, dGram + 4L * j, ORDER);
            VectorMask<Float> before = PLACES.compare(VectorOperators.LT, row - j);
            FloatVector sums = load(s, p.sums() + 4L * j);
            sums = sums.add(weight.mul(e), before);
            sums.intoMemorySegment(s, p.sums() + 4L * j, ORDER);
            total = total.add(sums, before);
        }
        return LaneSum.of(total.add(0));
    }

    /// `to = diag(factors)·from` for `rows` rows of `width` numbers.
    static void scale(Matrix from, Matrix to, float[] factors, int rows, int width) {
        for (int r = 0; r < rows; r++) {
            scale(from.segment(), 4 * from.at(r, 0), to.segment(), 4 * to.at(r, 0), factors[r], width);
        }
    }

    /// `s = factor·s` for `size` numbers that are dense.
    static void scale(Matrix s, float factor, int size) {
        scale(s.segment(), 4 * s.offset(), s.segment(), 4 * s.offset(), factor, size);
    }

    private static void scale(MemorySegment in, long from, MemorySegment out, long to, float factor, int width) {
        MemorySegment source = NativeMemory.of(in);
        MemorySegment target = NativeMemory.of(out);
        int j = 0;
        for (; j <= width - LANES; j += LANES) {
            load(source, from + 4L * j).mul(factor).intoMemorySegment(target, to + 4L * j, ORDER);
        }
        if (j < width) {
            VectorMask<Float> mask = F32.indexInRange(j, width);
            load(source, from + 4L * j, mask).mul(factor).intoMemorySegment(target, to + 4L * j, ORDER, mask);
        }
    }

    /// `to += factor·from` for row `r` of `width` numbers.
    ///
    /// @return the inner product of `factor·from` and `with`
    static float add(Matrix from, Matrix to, Matrix with, int r, float factor, int width) {
        MemorySegment source = NativeMemory.of(from.segment());
        MemorySegment target = NativeMemory.of(to.segment());
        MemorySegment other = NativeMemory.of(with.segment());
        long x = 4 * from.at(r, 0);
        long y = 4 * to.at(r, 0);
        long z = 4 * with.at(r, 0);
        FloatVector sum = FloatVector.zero(F32);
        int j = 0;
        for (; j <= width - LANES; j += LANES) {
            FloatVector part = load(source, x + 4L * j).mul(factor);
            load(target, y + 4L * j).add(part).intoMemorySegment(target, y + 4L * j, ORDER);
            sum = part.fma(load(other, z + 4L * j), sum);
        }
        if (j < width) {
            VectorMask<Float> mask = F32.indexInRange(j, width);
            FloatVector part = load(source, x + 4L * j, mask).mul(factor);
            load(target, y + 4L * j, mask).add(part).intoMemorySegment(target, y + 4L * j, ORDER, mask);
            sum = part.fma(load(other, z + 4L * j, mask), sum);
        }
        return LaneSum.of(sum.add(0));
    }

    /// `to = from` for `rows` rows of `width` numbers, or `to += from` with `adds`.
    static void sum(Matrix from, Matrix to, int rows, int width, boolean adds) {
        MemorySegment source = NativeMemory.of(from.segment());
        MemorySegment target = NativeMemory.of(to.segment());
        for (int r = 0; r < rows; r++) {
            long x = 4 * from.at(r, 0);
            long y = 4 * to.at(r, 0);
            for (int j = 0; j < width; j += LANES) {
                VectorMask<Float> mask = F32.indexInRange(j, width);
                FloatVector part = load(source, x + 4L * j, mask);
                FloatVector all = adds ? load(target, y + 4L * j, mask).add(part) : part;
                all.intoMemorySegment(target, y + 4L * j, ORDER, mask);
            }
        }
    }

    /// The inner product of `size` numbers that are dense.
    static float dot(Matrix one, Matrix two, int size) {
        MemorySegment a = NativeMemory.of(one.segment());
        MemorySegment b = NativeMemory.of(two.segment());
        long x = 4 * one.offset();
        long y = 4 * two.offset();
        FloatVector sum = FloatVector.zero(F32);
        int j = 0;
        for (; j <= size - LANES; j += LANES) {
            sum = load(a, x + 4L * j).fma(load(b, y + 4L * j), sum);
        }
        if (j < size) {
            VectorMask<Float> mask = F32.indexInRange(j, size);
            sum = load(a, x + 4L * j, mask).fma(load(b, y + 4L * j, mask), sum);
        }
        return LaneSum.of(sum.add(0));
    }
}
