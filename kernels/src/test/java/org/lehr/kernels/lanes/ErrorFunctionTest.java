package org.lehr.kernels.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ErrorFunctionTest {

    /// `x, erf x, erfc x` to 17 digits, from 60-digit arithmetic.
    private static final double[][] KNOWN = {
        {1e-300, 1.1283791670955126e-300, 1.0},
        {1e-9, 1.1283791670955126e-9, 0.99999999887162083},
        {0.1, 0.1124629160182849, 0.8875370839817151},
        {0.5, 0.52049987781304654, 0.47950012218695346},
        {0.75, 0.71115563365351513, 0.28884436634648487},
        {0.99, 0.8385080695553698, 0.1614919304446302},
        {1, 0.84270079294971487, 0.15729920705028513},
        {1.01, 0.8468104962282767, 0.1531895037717233},
        {1.5, 0.96610514647531073, 0.033894853524689273},
        {1.99, 0.995111413199617, 0.004888586800383003},
        {2, 0.99532226501895273, 0.0046777349810472658},
        {2.25, 0.99853728341331885, 0.0014627165866811517},
        {3, 0.99997790950300141, 2.2090496998585441e-5},
        {4.5, 0.99999999980338396, 1.9661604415428875e-10},
        {6, 0.99999999999999998, 2.1519736712498913e-17},
        {10, 1.0, 2.0884875837625448e-45},
        {20, 1.0, 5.3958656116079009e-176},
        {26, 1.0, 5.6631924088561428e-296},
    };

    @Test
    void agreesWithValuesOfHigherPrecision() {
        for (double[] row : KNOWN) {
            assertEquals(row[1], ErrorFunction.erf(row[0]), 2e-15 * Math.abs(row[1]), "erf " + row[0]);
            assertEquals(-row[1], ErrorFunction.erf(-row[0]), 2e-15 * Math.abs(row[1]), "erf −" + row[0]);
            assertEquals(row[2], ErrorFunction.erfc(row[0]), 2e-15 * row[2], "erfc " + row[0]);
            assertEquals(2 - row[2], ErrorFunction.erfc(-row[0]), 1e-15, "erfc −" + row[0]);
        }
    }

    @Test
    void itsFormulasMeetWithoutAStep() {
        double before = 0;
        for (double x = 0; x < 4; x += 1e-4) {
            double value = ErrorFunction.erf(x);
            assertTrue(value >= before - 1e-16, "erf falls at " + x);
            before = value;
        }
    }

    @Test
    void limits() {
        assertEquals(1, ErrorFunction.erf(Double.POSITIVE_INFINITY));
        assertEquals(-1, ErrorFunction.erf(Double.NEGATIVE_INFINITY));
        assertEquals(0, ErrorFunction.erfc(Double.POSITIVE_INFINITY));
        assertEquals(2, ErrorFunction.erfc(Double.NEGATIVE_INFINITY));
        assertTrue(Double.isNaN(ErrorFunction.erf(Double.NaN)));
        assertTrue(Double.isNaN(ErrorFunction.erfc(Double.NaN)));
        assertEquals(-0.0, ErrorFunction.erf(-0.0));
    }
}
