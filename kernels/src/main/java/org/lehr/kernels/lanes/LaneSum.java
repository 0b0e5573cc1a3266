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
    ///
    /// A vector that a loop carries is best given as a new one, `sum.add(0)`: if this call is ever not
    /// inlined, what it is given is allocated where it was made, and that should not be inside the loop. The
    /// steps are so small that the compiler inlines them even where they are rarely run.
    public static float of(FloatVector v) {
        return ones(twos(fours(eights(v)))).lane(0);
    }

    private static FloatVector eights(FloatVector v) {
        return LANES >= 16 ? v.add(v.rearrange(BY_8)) : v;
    }

    private static FloatVector fours(FloatVector v) {
        return LANES >= 8 ? v.add(v.rearrange(BY_4)) : v;
    }

    private static FloatVector twos(FloatVector v) {
        return LANES >= 4 ? v.add(v.rearrange(BY_2)) : v;
    }

    private static FloatVector ones(FloatVector v) {
        return v.add(v.rearrange(BY_1));
    }
}
