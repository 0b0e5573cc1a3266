package org.lehr.kernels.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// [VectorMath#expNormal] against `Math.exp`, which is within one ulp of float64.
@Tag("widths")
class ExpNormalTest {

    private static final double LOG_MIN_NORMAL = Math.log(Float.MIN_NORMAL);

    @BeforeEach
    void vectors() {
        assumeTrue(Lanes.available(), "there are no vectors to test");
    }

    private static void assertNear(float x) {
        float actual = Simd.expNormal(x);
        double exact = Math.exp(x);
        if (x < LOG_MIN_NORMAL) {
            assertEquals(0, actual, "exp " + x);
        } else {
            double error = Math.abs(actual - exact) / Math.ulp((float) exact);
            assertTrue(error <= 2, () -> "exp " + x + " is " + actual + ", off by " + error + " ulp");
        }
    }

    @Test
    void isWithinTwoUnitsUpToTheLimit() {
        for (float x = -90; x <= 88; x += 0x1.8p-10f) {
            assertNear(x);
        }
    }

    @Test
    void isExactlyZeroBelowTheSmallestNormal() {
        float edge = (float) LOG_MIN_NORMAL;
        for (int i = -2000; i <= 2000; i++) {
            assertNear(edge + i * Math.ulp(edge));
        }
        assertEquals(0, Simd.expNormal(-1e30f));
        assertEquals(0, Simd.expNormal(Float.NEGATIVE_INFINITY));
    }

    @Test
    void keepsOneAndNan() {
        assertEquals(1, Simd.expNormal(0));
        assertEquals(1, Simd.expNormal(-0f));
        assertEquals(1, Simd.expNormal(-Float.MIN_VALUE));
        assertTrue(Float.isNaN(Simd.expNormal(Float.NaN)));
    }

    private static final class Simd {
        static float expNormal(float x) {
            FloatVector result = VectorMath.expNormal(FloatVector.broadcast(Species.F32, x));
            return result.lane(Species.F32.length() - 1);
        }
    }
}
