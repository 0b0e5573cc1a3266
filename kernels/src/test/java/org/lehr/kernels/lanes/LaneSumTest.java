package org.lehr.kernels.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("widths")
class LaneSumTest {

    /// The order of the additions: lane `i` takes lane `i + half`, until one is left. Enough rounds for the
    /// compiler to take over on the way.
    @Test
    void lanesAreAddedByHalves() {
        assumeTrue(Lanes.available(), "there are no vectors to test");
        Random random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            float[] values = new float[Lanes.bits() / Float.SIZE];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * Math.exp(4 * random.nextGaussian()));
            }
            float[] sums = values.clone();
            for (int half = sums.length / 2; half > 0; half /= 2) {
                for (int i = 0; i < half; i++) {
                    sums[i] += sums[i + half];
                }
            }
            assertEquals(sums[0], Simd.sum(values), "round " + round);
        }
    }

    private static final class Simd {
        static float sum(float[] values) {
            return LaneSum.of(FloatVector.fromArray(Species.F32, values, 0));
        }
    }
}
