package org.lehr.kernels.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.kernels.Arrays64.random;
import static org.lehr.kernels.Arrays64.values;
import static org.lehr.kernels.Arrays64.view;

import org.junit.jupiter.api.Test;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

class BlockCodeKernelTest {

    private final CpuUpdates kernels = new CpuUpdates();

    private double[] coded(double[] x, boolean signed) {
        View codes = view(DType.UINT8, new double[x.length], x.length);
        View scales = view(DType.FLOAT32, new double[(x.length + 255) / 256], (x.length + 255) / 256);
        View back = view(DType.FLOAT32, new double[x.length], x.length);
        kernels.encode(codes, scales, view(DType.FLOAT32, x, x.length), signed);
        kernels.decode(back, codes, scales, signed);
        return values(back);
    }

    @Test
    void numbersComeBackToAFewPercent() {
        double[] x = values(random(DType.FLOAT32, 5, 1003));
        double[] signed = coded(x, true);
        double[] positive = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            positive[i] = Math.abs(x[i]);
        }
        double[] unsigned = coded(positive, false);
        for (int i = 0; i < x.length; i++) {
            double largest = 0;
            for (int j = i / 256 * 256; j < Math.min(x.length, i / 256 * 256 + 256); j++) {
                largest = Math.max(largest, Math.abs(x[j]));
            }
            assertEquals(x[i], signed[i], 0.008 * largest, "signed " + i);
            assertEquals(positive[i], unsigned[i], 0.004 * largest, "unsigned " + i);
        }
    }

    @Test
    void smallNumbersKeepTheirOrderOfMagnitude() {
        double[] x = {1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, -1e-3};
        double[] back = coded(x, true);
        for (int i = 0; i < x.length; i++) {
            assertEquals(1, back[i] / x[i], 0.9, x[i] + " became " + back[i]);
        }
    }

    @Test
    void zerosStayAndSquaresNeverVanish() {
        for (double value : coded(new double[300], true)) {
            assertEquals(0, value);
        }
        double[] back = coded(new double[] {1, 1e-12, 0}, false);
        assertEquals(1, back[0]);
        assertTrue(back[1] > 0);
        assertEquals(0, back[2]);
    }

    @Test
    void sizesMustAgree() {
        View three = view(DType.FLOAT32, new double[3], 3);
        View two = view(DType.UINT8, new double[2], 2);
        View one = view(DType.FLOAT32, new double[1], 1);
        String message = assertThrows(IllegalArgumentException.class, () -> kernels.encode(two, one, three, true))
                .getMessage();
        assertTrue(message.contains("3 codes"), message);
    }
}
