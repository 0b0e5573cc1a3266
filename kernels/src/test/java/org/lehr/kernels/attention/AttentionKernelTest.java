package org.lehr.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.attention.AttentionCase.Form;

class AttentionKernelTest {

    private final CpuAttention kernels = new CpuAttention();

    @Test
    void equalScoresGiveTheMeanOfTheValues() {
        AttentionCase one = new AttentionCase(
                new Form(new Sizes(1, 1, 1, 3, 5, 2, 2), 0, true, 0, "none", false, false, 0, 7), DType.FLOAT64);
        one.forward(kernels);
        double[] v = AttentionCase.values(one.v);
        double[] out = AttentionCase.values(one.out);
        for (int i = 0; i < 3; i++) {
            int sees = i + 3;
            double sum = 0;
            for (int j = 0; j < sees; j++) {
                sum += v[2 * j];
            }
            assertEquals(sum / sees, out[2 * i], 1e-14);
            assertEquals(Math.log(sees), AttentionCase.values(one.logSumExp)[i], 1e-14);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2, 2, 1, 5, 7, 3, 2, 0, true, 0, full, false",
        "2, 2, 1, 5, 7, 3, 2, 0.8, true, 0, full, false",
        "1, 3, 3, 7, 5, 2, 3, 0, true, 3, none, false",
        "1, 2, 2, 3, 6, 2, 2, 1.5, false, 4, heads, true",
        "2, 1, 1, 4, 4, 2, 5, 0, false, 0, holes, false",
        "2, 1, 1, 4, 4, 2, 5, 2, false, 0, blind, false",
    })
    void gradientsAgreeWithDifferences(
            int b,
            int h,
            int g,
            int t,
            int s,
            int d,
            int e,
            double softCap,
            boolean causal,
            long window,
            String bias,
            boolean padding) {
        Form form = new Form(new Sizes(b, h, g, t, s, d, e), softCap, causal, window, bias, padding, true, 1, 11);
        AttentionCase one = new AttentionCase(form, DType.FLOAT64);
        one.forward(kernels);
        one.backward(kernels);
        double[] dq = AttentionCase.values(one.dq);
        double[] dk = AttentionCase.values(one.dk);
        double[] dv = AttentionCase.values(one.dv);
        check(one, one.q, dq);
        check(one, one.k, dk);
        check(one, one.v, dv);
        if (bias.equals("full")) {
            check(one, one.mask.bias(), AttentionCase.values(one.dBias));
        }
    }

    /// Central differences of `Σ dOut·out` in every element of `x`, whose order in memory need not be the row-major
    /// one.
    private void check(AttentionCase one, View x, double[] gradient) {
        double step = 1e-5;
        for (int n = 0; n < gradient.length; n++) {
            long place = x.offset();
            long rest = n;
            for (int dim = x.rank() - 1; dim >= 0; dim--) {
                place += rest % x.shape()[dim] * x.strides()[dim];
                rest /= x.shape()[dim];
            }
            double value = Rows.get(x, place);
            Rows.set(x, place, value + step);
            double above = loss(one);
            Rows.set(x, place, value - step);
            double below = loss(one);
            Rows.set(x, place, value);
            assertEquals((above - below) / (2 * step), gradient[n], 1e-8);
        }
    }

    private double loss(AttentionCase one) {
        one.forward(kernels);
        double[] out = AttentionCase.values(one.out);
        double[] weight = AttentionCase.values(one.dOut);
        double sum = 0;
        for (int i = 0; i < out.length; i++) {
            sum += weight[i] * out[i];
        }
        return sum;
    }
}
