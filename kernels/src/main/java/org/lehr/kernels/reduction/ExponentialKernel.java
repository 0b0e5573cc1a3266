package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.lanes.VectorMath;

/// `y = exp(x − s)` over one dense run of float32. `x [n] → y [n]`
final class ExponentialKernel {

    /// Shorter runs have no vector code: the widest vector has this many lanes.
    static final int LEAST = 16;

    private ExponentialKernel() {}

    /// By the definition. Offsets count elements.
    public static void reference(MemorySegment y, long yFrom, MemorySegment x, long xFrom, int n, float s) {
        for (int i = 0; i < n; i++) {
            y.setAtIndex(JAVA_FLOAT, yFrom + i, (float) Math.exp(x.getAtIndex(JAVA_FLOAT, xFrom + i) - s));
        }
    }

    /// `y` and `x` do not overlap: where `n` is no multiple of the width, the last vector is computed twice.
    static void forward(MemorySegment y, long yFrom, MemorySegment x, long xFrom, int n, float s) {
        if (Lanes.available() && n >= LEAST) {
            Simd.forward(y, yFrom * 4, x, xFrom * 4, n, s);
        } else {
            reference(y, yFrom, x, xFrom, n, s);
        }
    }

    /// Offsets count bytes.
    private static final class Simd {

        private static final VectorSpecies<Float> SPECIES = Species.F32;
        private static final int LENGTH = SPECIES.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        static void forward(MemorySegment y, long py, MemorySegment x, long px, int n, float s) {
            for (int i = 0; i < n - LENGTH; i += LENGTH) {
                one(y, py + i * 4L, x, px + i * 4L, s);
            }
            one(y, py + (n - LENGTH) * 4L, x, px + (n - LENGTH) * 4L, s);
        }

        private static void one(MemorySegment y, long py, MemorySegment x, long px, float s) {
            FloatVector shifted =
                    FloatVector.fromMemorySegment(SPECIES, x, px, ORDER).sub(s);
            VectorMath.exp(shifted).intoMemorySegment(y, py, ORDER);
        }
    }
}
