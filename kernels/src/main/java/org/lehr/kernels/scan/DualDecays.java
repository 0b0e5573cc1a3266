package org.lehr.kernels.scan;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.ScanKernels.Dual;
import org.lehr.kernels.View;

/// The decays of one head over the times of a chunk.
///
/// Between times `j ≤ i` a state decays by `exp(sum(i) − sum(j))`, unless it starts again in between. It does where
/// the sequence changes, and where a decay is 0: sums begin anew there, so that no difference is one of infinities.
/// Sums are in double, and their differences exact.
final class DualDecays {

    /// Below it, the exponential is 0 in double too.
    private static final double LEAST = -746;

    private final Dual form;
    private final double[] sums;
    private final int[] begins;

    /// Factors from the state before the chunk to each time, from each time to the end, and over the whole chunk.
    final float[] fromStart;

    final float[] toEnd;
    float whole;

    DualDecays(Dual form, int chunk) {
        this.form = form;
        sums = new double[chunk];
        begins = new int[chunk];
        fromStart = new float[chunk];
        toEnd = new float[chunk];
    }

    /// Reads those of head `head` of sequence `n` at `length` times from `t` on.
    void read(long n, int t, int length, long head) {
        View a = form.a();
        long[] strides = a.strides();
        MemorySegment memory = a.storage().segment();
        double sum = 0;
        int begin = -1;
        for (int i = 0; i < length; i++) {
            long at = a.offset() + n * strides[0] + (t + i) * strides[1] + head * strides[2];
            double rate = memory.get(JAVA_FLOAT_UNALIGNED, 4 * at);
            boolean again = resets(n, t + i) || rate < LEAST;
            sum = again ? 0 : sum + rate;
            begin = again ? i : begin;
            sums[i] = sum;
            begins[i] = begin;
            fromStart[i] = begin < 0 ? (float) Math.exp(sum) : 0;
        }
        for (int i = 0; i < length; i++) {
            toEnd[i] = i >= begin ? (float) Math.exp(sum - sums[i]) : 0;
        }
        whole = begin < 0 ? (float) Math.exp(sum) : 0;
    }

    private boolean resets(long n, int t) {
        View sequence = form.sequence();
        if (sequence == null || t == 0) {
            return false;
        }
        long at = sequence.byteOffset() + 4 * (n * form.x().shape()[1] + t);
        MemorySegment memory = sequence.storage().segment();
        return memory.get(JAVA_INT_UNALIGNED, at) != memory.get(JAVA_INT_UNALIGNED, at - 4);
    }

    /// The first time from which the state at time `i` comes; 0 also where it comes from before the chunk.
    int begin(int i) {
        return Math.max(begins[i], 0);
    }

    /// Writes each sum as two float32 numbers, the nearest one and the rest.
    void split(MemorySegment memory, long high, long low, int length) {
        for (int i = 0; i < length; i++) {
            float nearest = (float) sums[i];
            memory.set(JAVA_FLOAT_UNALIGNED, high + 4L * i, nearest);
            memory.set(JAVA_FLOAT_UNALIGNED, low + 4L * i, (float) (sums[i] - nearest));
        }
    }
}
