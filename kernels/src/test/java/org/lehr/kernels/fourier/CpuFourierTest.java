package org.lehr.kernels.fourier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.lehr.kernels.Arrays64.assertClose;
import static org.lehr.kernels.Arrays64.empty;
import static org.lehr.kernels.Arrays64.epsilon;
import static org.lehr.kernels.Arrays64.random;
import static org.lehr.kernels.Arrays64.values;
import static org.lehr.kernels.Arrays64.view;
import static org.lehr.kernels.Arrays64.withAnyThreads;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

@Tag("widths")
class CpuFourierTest {

    private final CpuFourier kernels = new CpuFourier();

    private double[] spectrum(View signal, int length) {
        View spectrum = empty(signal.dtype(), signal.shape()[0], length / 2 + 1, signal.shape()[2], 2);
        kernels.transform(spectrum, signal, length);
        return values(spectrum);
    }

    /// `Σ_t x[t]·e^(−2πi·k·t/length)` as it stands.
    private static double[] defined(double[] x, int b, int t, int c, int length) {
        double[] spectrum = new double[b * (length / 2 + 1) * c * 2];
        for (int i = 0; i < spectrum.length / 2; i++) {
            int channel = i % c;
            int k = i / c % (length / 2 + 1);
            int n = i / c / (length / 2 + 1);
            for (int time = 0; time < t; time++) {
                double angle = -2 * Math.PI * ((long) k * time % length) / length;
                double value = x[(n * t + time) * c + channel];
                spectrum[2 * i] += value * Math.cos(angle);
                spectrum[2 * i + 1] += value * Math.sin(angle);
            }
        }
        return spectrum;
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 2, 2, 5, 2", "FLOAT32, 1, 3, 1, 4", "FLOAT32, 2, 8, 33, 8", "FLOAT32, 1, 50, 70, 64",
        "FLOAT32, 1, 200, 3, 256", "FLOAT32, 0, 4, 3, 8", "FLOAT32, 2, 0, 3, 8", "FLOAT32, 2, 4, 0, 8",
        "FLOAT64, 2, 100, 37, 128", "FLOAT64, 1, 1, 2, 2", "BFLOAT16, 1, 30, 9, 32"
    })
    void isTheDefinitionAndComesBack(DType dtype, int b, int t, int c, int length) {
        View signal = random(dtype, 5, b, t, c);
        double[] x = values(signal);
        double[] found = withAnyThreads(() -> spectrum(signal, length));
        double tolerance = epsilon(dtype) * 16 * Math.sqrt(length);
        assertClose(defined(x, b, t, c, length), found, tolerance);

        View back = empty(dtype, b, t, c);
        View spectrum = view(dtype, found, b, length / 2 + 1, c, 2);
        double[] again = withAnyThreads(() -> {
            kernels.inverse(back, spectrum, length);
            return values(back);
        });
        assertClose(x, again, tolerance);
    }

    @Test
    void longTransformsStayCloseToDouble() {
        View signal = random(DType.FLOAT32, 6, 1, 5000, 6);
        View wide = view(DType.FLOAT64, values(signal), 1, 5000, 6);
        double[] exact = spectrum(wide, 1 << 14);
        double largest = Arrays.stream(exact).map(Math::abs).max().orElseThrow();
        double[] found = spectrum(signal, 1 << 14);
        for (int i = 0; i < exact.length; i++) {
            assertEquals(exact[i], found[i], 1e-6 * largest);
        }
    }

    @Test
    void imaginaryPartsOfTheEndsDoNotCount() {
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            double[] plain = values(random(dtype, 7, 1, 5, 3, 2));
            double[] soiled = plain.clone();
            for (int c = 0; c < 3; c++) {
                soiled[2 * c + 1] = Double.NaN;
                soiled[2 * (4 * 3 + c) + 1] = 1e9;
            }
            View one = empty(dtype, 1, 8, 3);
            View two = empty(dtype, 1, 8, 3);
            kernels.inverse(one, view(dtype, plain, 1, 5, 3, 2), 8);
            kernels.inverse(two, view(dtype, soiled, 1, 5, 3, 2), 8);
            assertArrayEquals(values(one), values(two));
        }
    }

    @Test
    void usualTablesAreKept() {
        assertSame(Twiddles.of(64), Twiddles.of(64));
        assertEquals(-StrictMath.sin(2 * Math.PI * 5 / 64), Twiddles.of(64).sines()[5]);
    }
}
