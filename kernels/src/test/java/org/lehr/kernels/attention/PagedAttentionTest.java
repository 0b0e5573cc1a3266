package org.lehr.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.AttentionKernels.Mask;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.attention.AttentionCase.Form;
import org.lehr.kernels.parallel.Workers;

@Tag("widths")
class PagedAttentionTest {

    private final CpuAttention kernels = new CpuAttention();

    /// Cuts a sequence into pages where it stands.
    private static List<View> pages(View whole, int... lengths) {
        List<View> pages = new ArrayList<>();
        long from = 0;
        for (int length : lengths) {
            long[] shape = whole.shape().clone();
            shape[2] = length;
            long start = whole.offset() + from * whole.strides()[2];
            pages.add(new View(whole.storage(), whole.dtype(), start, shape, whole.strides()));
            from += length;
        }
        assertEquals(whole.shape()[2], from);
        return pages;
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 1, 2, 2, 16, 16, 0, 0, none",
        "FLOAT32, 2, 14, 2, 33, 64, 3, 0, full",
        "FLOAT32, 1, 3, 1, 64, 17, 0.5, 290, holes",
        "FLOAT32, 2, 2, 1, 8, 8, 0, 5, heads",
        "BFLOAT16, 1, 4, 2, 20, 40, 2, 0, full",
        "FLOAT64, 2, 4, 2, 5, 3, 1, 299, holes",
    })
    void pagesGiveWhatTheWholeGives(
            DType dtype, int b, int h, int g, int d, int e, double cap, long window, String bias) {
        for (int[] lengths : new int[][] {{1}, {256, 256, 44}, {0, 7, 300, 16}, {256}}) {
            int s = Arrays.stream(lengths).sum();
            Form form = new Form(new Sizes(b, h, g, 1, s, d, e), cap, true, window, bias, false, true, 1, 9);
            AttentionCase one = new AttentionCase(form, dtype);
            one.referenceForward();
            double[] expected = AttentionCase.values(one.out);
            kernels.forwardPages(one.out, one.q, pages(one.k, lengths), pages(one.v, lengths), one.mask);
            double tolerance = dtype == DType.FLOAT64 ? 1e-13 : dtype == DType.FLOAT32 ? 1e-5 : 0x1p-7;
            assertArrayEquals(expected, AttentionCase.values(one.out), tolerance);
        }
    }

    @Test
    void aQueryThatSeesNothingGivesZeros() {
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            AttentionCase one = new AttentionCase(
                    new Form(new Sizes(1, 2, 1, 1, 300, 8, 8), 0, false, 0, "full", false, false, 1, 4), dtype);
            View bias = one.mask.bias();
            for (long i = 0; i < 300; i++) {
                Rows.set(bias, bias.offset() + i, Double.NEGATIVE_INFINITY);
            }
            kernels.forwardPages(one.out, one.q, pages(one.k, 256, 44), pages(one.v, 256, 44), one.mask);
            double[] out = AttentionCase.values(one.out);
            assertTrue(Arrays.stream(out, 0, 8).allMatch(x -> x == 0));
            assertTrue(Arrays.stream(out, 8, 16).allMatch(x -> x != 0 && Double.isFinite(x)));
        }
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        AttentionCase one = new AttentionCase(new Form(3, 6, 3, 1, 1000, 32, 32, true), DType.FLOAT32);
        double[] expected = null;
        for (int threads : new int[] {1, 2, 5}) {
            Workers.with(
                    threads,
                    () -> kernels.forwardPages(
                            one.out, one.q, pages(one.k, 600, 400), pages(one.v, 600, 400), one.mask));
            double[] got = AttentionCase.values(one.out);
            expected = expected == null ? got : expected;
            assertArrayEquals(expected, got);
        }
    }

    @Test
    void whatDoesNotGoTogetherIsNamed() {
        AttentionCase one = new AttentionCase(new Form(1, 2, 1, 1, 5, 3, 4, true), DType.FLOAT32);
        Mask mask = Mask.none(1);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> kernels.forwardPages(one.out, one.q, pages(one.k, 2, 3), pages(one.v, 3, 2), mask))
                .getMessage();
        assertEquals("attention: page 0 of values is float32[1, 1, 3, 4], expected [1, 1, 2, 4]", message);
        assertThrows(
                IllegalArgumentException.class, () -> kernels.forwardPages(one.out, one.q, List.of(), List.of(), mask));
        assertThrows(
                IllegalArgumentException.class,
                () -> kernels.forwardPages(one.out, one.k, List.of(one.k), List.of(one.v), mask));
    }
}
