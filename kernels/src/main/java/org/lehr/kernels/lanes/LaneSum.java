package org.lehr.kernels.lanes;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/// The sum of a vector's lanes, always added in the same order.
///
/// `FloatVector.reduceLanes(ADD)` leaves the order open and may change it when the compiler takes over from the
/// interpreter; halving by shuffles does not. May only be touched where [Lanes#available].
public final class LaneSum {

    private static final int LANES = Species.F32.length();
    private static final VectorShuffle<Float> BY_8 = rotation(8);
    private static final VectorShuffle<Float> BY_4 = rotation(4);
    private static final VectorShuffle<Float> BY_2 = rotation(2);
    private static final VectorShuffle<Float> BY_1 = rotation(1);

    private LaneSum() {}

    private static VectorShuffle<Float> rotation(int by) {
        return VectorShuffle.iota(Species.F32, by, 1, true);
    }

    /// `Σ v[i]`: the upper half of the lanes onto the lower, until one is left. `v` is of [Species#F32].
    public static float of(FloatVector v) {
        FloatVector sum = v;
        if (LANES >= 16) {
            sum = sum.add(sum.rearrange(BY_8));
        }
        if (LANES >= 8) {
            sum = sum.add(sum.rearrange(BY_4));
        }
        if (LANES >= 4) {
            sum = sum.add(sum.rearrange(BY_2));
        }
        if (LANES >= 2) {
            sum = sum.add(sum.rearrange(BY_1));
        }
        return sum.lane(0);
    }
}
