package org.lehr.kernels.matmul;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.lehr.kernels.Arrays64.assertClose;
import static org.lehr.kernels.Arrays64.empty;
import static org.lehr.kernels.Arrays64.epsilon;
import static org.lehr.kernels.Arrays64.random;
import static org.lehr.kernels.Arrays64.values;
import static org.lehr.kernels.Arrays64.view;
import static org.lehr.kernels.Arrays64.withAnyThreads;

import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

@Tag("widths")
class TernaryKernelTest {

    /// Random codes, none of them the one that stands for nothing.
    private static View packed(int n, int k) {
        Random random = new Random(3);
        View packed = empty(DType.INT32, n, Math.ceilDiv(k, TernaryKernel.CODES));
        for (long i = 0; i < packed.size(); i++) {
            int word = 0;
            for (int j = 0; j < TernaryKernel.CODES; j++) {
                word |= random.nextInt(3) << 2 * j;
            }
            packed.storage().segment().setAtIndex(ValueLayout.JAVA_INT, packed.offset() + i, word);
        }
        return packed;
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 1, 70, 100",
        "FLOAT32, 5, 130, 2100",
        "FLOAT32, 40, 3, 17",
        "FLOAT32, 0, 3, 17",
        "FLOAT32, 2, 0, 5",
        "FLOAT32, 2, 3, 0",
        "BFLOAT16, 3, 20, 50",
        "FLOAT64, 3, 20, 50"
    })
    void isTheProduct(DType dtype, int m, int n, int k) {
        View packed = packed(n, k);
        for (boolean transposed : new boolean[] {false, true}) {
            View a = random(dtype, 5, m, transposed ? n : k);
            View c = empty(dtype, m, transposed ? k : n);
            double[] found = withAnyThreads(() -> {
                TernaryKernel.forward(c, a, packed, transposed);
                return values(c);
            });
            View exact = empty(DType.FLOAT64, c.shape());
            TernaryKernel.reference(exact, view(DType.FLOAT64, values(a), a.shape()), packed, transposed);
            assertClose(values(exact), found, 16 * epsilon(dtype) * (1 + Math.sqrt(transposed ? n : k)));
        }
    }

    @Test
    void sumsOfIntegersAreExact() {
        View packed = packed(33, 3000);
        double[] numbers =
                new Random(4).ints(2 * 3000, -128, 128).asDoubleStream().toArray();
        View c = empty(DType.FLOAT32, 2, 33);
        View exact = empty(DType.FLOAT64, 2, 33);
        TernaryKernel.forward(c, view(DType.FLOAT32, numbers, 2, 3000), packed, false);
        TernaryKernel.reference(exact, view(DType.FLOAT64, numbers, 2, 3000), packed, false);
        assertArrayEquals(values(exact), values(c));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        View a = random(DType.FLOAT32, 1, 2, 17);
        View c = empty(DType.FLOAT32, 2, 3);
        assertThrows(IllegalArgumentException.class, () -> TernaryKernel.forward(c, a, packed(3, 16), false));
        assertThrows(IllegalArgumentException.class, () -> TernaryKernel.forward(c, a, packed(4, 17), false));
        assertThrows(IllegalArgumentException.class, () -> TernaryKernel.forward(c, a, packed(3, 17), true));
    }
}
