package org.lehr.kernels.matmul;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.Species;

/// Which lanes of two vectors `x` and `y` make `x₀ y₀ x₁ y₁ …`: those of the lower half of that, and of the upper. And
/// which of two such halves make `x` and `y` again: the even ones and the odd ones.
///
/// Lanes of `y` are counted on from those of `x`. May only be touched where vectors are available.
final class Interleaving {

    static final FloatVector LOW_F32 = single(0);
    static final FloatVector HIGH_F32 = single(1);
    static final FloatVector EVEN_F32 = FloatVector.zero(Species.F32).addIndex(2);
    static final FloatVector ODD_F32 = EVEN_F32.add(1);
    static final DoubleVector LOW_F64 = twofold(0);
    static final DoubleVector HIGH_F64 = twofold(1);

    private Interleaving() {}

    private static FloatVector single(int half) {
        int lanes = Species.F32.length();
        float[] places = new float[lanes];
        for (int i = 0; i < lanes; i++) {
            places[i] = place(i, half, lanes);
        }
        return FloatVector.fromArray(Species.F32, places, 0);
    }

    private static DoubleVector twofold(int half) {
        int lanes = Species.F64.length();
        double[] places = new double[lanes];
        for (int i = 0; i < lanes; i++) {
            places[i] = place(i, half, lanes);
        }
        return DoubleVector.fromArray(Species.F64, places, 0);
    }

    private static int place(int lane, int half, int lanes) {
        return half * lanes / 2 + lane / 2 + lane % 2 * lanes;
    }
}
