package org.lehr.engine.schedule.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The two fits of searches: exponential forecasts and Gaussian processes.
class FitTest {

    @Test
    void foreseesALossTenTimesAsFar() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            double[] losses = new double[100];
            for (int t = 0; t < 100; t++) {
                losses[t] = 1 + 2 * Math.exp(-0.02 * t) + 0.02 * random.nextGaussian();
            }
            assertEquals(1, ExponentialForecast.fit(losses).at(1000), 0.05, "seed " + seed);
        }
    }

    @Test
    void exactLossesAreFittedExactly() {
        double[] losses = new double[50];
        for (int t = 0; t < 50; t++) {
            losses[t] = 0.3 + 4 * Math.exp(-0.07 * t);
        }
        ExponentialForecast fit = ExponentialForecast.fit(losses);
        assertEquals(4, fit.a(), 1e-5);
        assertEquals(-0.07, fit.b(), 1e-6);
        assertEquals(0.3, fit.c(), 1e-5);
    }

    @Test
    void outliersAndBrokenLossesAreLeftOut() {
        Random random = new Random(2);
        double[] losses = new double[80];
        for (int t = 0; t < 80; t++) {
            losses[t] = 1 + 2 * Math.exp(-0.05 * t) + 0.005 * random.nextGaussian();
        }
        losses[10] = 30;
        losses[70] = 9;
        losses[33] = Double.NaN;
        assertEquals(1, ExponentialForecast.fit(losses).at(400), 0.05);
        assertThrows(
                IllegalArgumentException.class,
                () -> ExponentialForecast.fit(new double[] {1, 2, 3, Double.NaN, Double.POSITIVE_INFINITY}));
    }

    @Test
    void levelLossesStayLevel() {
        assertEquals(2, ExponentialForecast.fit(new double[] {2, 2, 2, 2, 2}).at(100), 1e-12);
    }

    @ParameterizedTest
    @EnumSource
    void aProcessGoesThroughItsPointsAndIsUnsureElsewhere(GaussianProcess.Kernel kernel) {
        double[] places = {-2, -1, 0, 1, 2};
        double[] values = {5, 2, 1, 2, 5};
        GaussianProcess process = GaussianProcess.fit(kernel, places, values);
        for (int i = 0; i < places.length; i++) {
            assertEquals(values[i], process.at(places[i]).mean(), 0.05);
            assertTrue(process.at(places[i]).deviation() < 0.3);
        }
        assertEquals(1.25, process.at(0.5).mean(), 0.2);
        assertTrue(process.at(0.5).deviation() > 2 * process.at(0).deviation());
        assertTrue(process.at(60).deviation() > process.at(0.5).deviation());
        // Far off nothing is known but the mean and the spread of the values.
        assertEquals(3, process.at(60).mean(), 1e-9);
        assertEquals(Math.sqrt(2.8), process.at(60).deviation(), 1e-9);
    }

    /// For two points the solution can be written by hand.
    @Test
    void isTheFormulaForTwoPoints() {
        GaussianProcess process =
                GaussianProcess.fit(GaussianProcess.Kernel.RBF, new double[] {0, 1}, new double[] {3, 5});
        // Standardised: −1 and 1 around 4. By symmetry the middle is the mean.
        assertEquals(4, process.at(0.5).mean(), 1e-12);
        assertEquals(8, process.at(0.2).mean() + process.at(0.8).mean(), 1e-12);
        assertEquals(4, process.at(1e6).mean(), 1e-12);
        assertEquals(1, process.at(1e6).deviation(), 1e-12);
    }

    @Test
    void aSinglePointAndEqualPointsCanBeFitted() {
        GaussianProcess one = GaussianProcess.fit(GaussianProcess.Kernel.MATERN52, new double[] {1}, new double[] {7});
        assertEquals(7, one.at(1).mean(), 1e-12);
        GaussianProcess same =
                GaussianProcess.fit(GaussianProcess.Kernel.MATERN52, new double[] {1, 1, 1}, new double[] {6, 7, 8});
        assertEquals(7, same.at(1).mean(), 1e-9);
        assertThrows(
                IllegalArgumentException.class,
                () -> GaussianProcess.fit(GaussianProcess.Kernel.RBF, new double[0], new double[0]));
        assertThrows(
                IllegalArgumentException.class,
                () -> GaussianProcess.fit(GaussianProcess.Kernel.RBF, new double[] {1}, new double[] {Double.NaN}));
    }
}
