package org.lehr.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import org.lehr.kernels.AttentionKernels.Mask;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.attention.AttentionCase.Form;
import org.lehr.kernels.parallel.Workers;

@Tag("widths")
class CpuAttentionTest {

    private final CpuAttention kernels = new CpuAttention();

    @Provide
    Arbitrary<Form> forms() {
        Arbitrary<Integer> heads = Arbitraries.of(0, 1, 2, 3);
        Arbitrary<Integer> group = Arbitraries.of(1, 1, 2, 3);
        Arbitrary<Integer> length = Arbitraries.of(0, 1, 2, 7, 8, 13, 31, 64, 67, 131, 257, 307);
        Arbitrary<Integer> width = Arbitraries.of(1, 3, 8, 16, 17, 33, 64, 71);
        Arbitrary<Sizes> sizes = Combinators.combine(
                        Arbitraries.of(0, 1, 2), heads, group, length, length, width, width)
                .as((b, g, n, t, s, d, e) -> new Sizes(b, (long) g * n, g, t, s, d, e));
        Arbitrary<Long> window = Arbitraries.of(0L, 0L, 1L, 5L, 40L, 1000L);
        Arbitrary<String> bias = Arbitraries.of("none", "none", "full", "heads", "holes", "blind");
        Arbitrary<Form> forms = Combinators.combine(
                        sizes,
                        Arbitraries.of(true, false),
                        window,
                        bias,
                        Arbitraries.of(true, false, false),
                        Arbitraries.of(true, false),
                        Arbitraries.of(1.0, 20.0, -1.0),
                        Arbitraries.longs())
                .as((z, causal, back, kind, padding, transposed, size, seed) ->
                        new Form(z, 0, causal, back, kind, padding, transposed, size, seed));
        return Combinators.combine(forms, Arbitraries.of(0.0, 0.0, 0.5, 3.0, 50.0))
                .as(Form::capped);
    }

    @Property(tries = 150, shrinking = ShrinkingMode.OFF)
    void forwardAndBackwardAgreeWithTheReference(@ForAll("forms") Form form) {
        agree(form, DType.FLOAT32, 4e-6);
    }

    @Property(tries = 30, shrinking = ShrinkingMode.OFF)
    void bfloat16IsRoundedOnce(@ForAll("forms") Form form) {
        agree(form, DType.BFLOAT16, 0x1p-8);
    }

    @Example
    void manyKeysOnFewHeads() {
        agree(new Form(1, 2, 1, 130, 1031, 20, 36, true), DType.FLOAT32, 4e-6);
        agree(
                new Form(new Sizes(1, 1, 1, 200, 777, 16, 16), 2, true, 100, "full", true, false, 1, 5),
                DType.FLOAT32,
                4e-6);
        agree(
                new Form(new Sizes(1, 1, 1, 777, 777, 16, 16), 0, false, 0, "none", true, false, 1, 6),
                DType.FLOAT32,
                4e-6);
    }

    /// Errors are measured against the largest value of each result: sums of `n` terms of that size are compared.
    /// What flows through the scores is a difference of inner products of `e` values, of size √e, and with a single
    /// key all of it cancels.
    private void agree(Form form, DType dtype, double tolerance) {
        AttentionCase fast = new AttentionCase(form, dtype);
        AttentionCase slow = new AttentionCase(form, dtype);
        fast.forward(kernels);
        slow.referenceForward();
        double size = 1 + Math.abs(form.size());
        agree("out", slow.out, fast.out, 1, size * tolerance);
        agree("logSumExp", slow.logSumExp, fast.logSumExp, 1, size * Math.min(tolerance, 1e-5));
        // From the same outputs: in bfloat16 theirs may differ in the last bit.
        copy(slow.out, fast.out);
        copy(slow.logSumExp, fast.logSumExp);
        fast.backward(kernels);
        slow.referenceBackward();
        double difference = Math.max(1, Math.sqrt(form.sizes().e()));
        agree("dq", slow.dq, fast.dq, difference, 4 * size * tolerance);
        agree("dk", slow.dk, fast.dk, difference, 4 * size * tolerance);
        agree("dv", slow.dv, fast.dv, 1, 4 * size * tolerance);
        if (slow.dBias != null) {
            agree("dBias", slow.dBias, fast.dBias, difference, 4 * size * tolerance);
        }
    }

    private static void copy(View from, View to) {
        java.lang.foreign.MemorySegment source = from.storage().segment();
        java.lang.foreign.MemorySegment.copy(source, 0, to.storage().segment(), 0, source.byteSize());
    }

    private static void agree(String name, View expected, View got, double least, double tolerance) {
        double[] x = AttentionCase.values(expected);
        double[] y = AttentionCase.values(got);
        double largest = least;
        for (double value : x) {
            largest = Double.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
        }
        for (int i = 0; i < x.length; i++) {
            if (x[i] != y[i] && !(Math.abs(x[i] - y[i]) <= tolerance * largest)) {
                throw new AssertionError(name + " " + i + ": expected " + x[i] + " but got " + y[i] + ", allowed "
                        + tolerance * largest);
            }
        }
    }

    @Example
    void largeScoresStayFinite() {
        for (double size : new double[] {1e4, -1e4}) {
            AttentionCase fast = new AttentionCase(
                    new Form(new Sizes(2, 2, 2, 70, 300, 16, 16), 0, true, 0, "none", false, true, size, 3),
                    DType.FLOAT32);
            fast.forward(kernels);
            fast.backward(kernels);
            for (View view : new View[] {fast.out, fast.logSumExp, fast.dq, fast.dk, fast.dv}) {
                for (double x : AttentionCase.values(view)) {
                    assertTrue(Double.isFinite(x));
                }
            }
            // One key has nearly all the weight: the output is one of the values up to the query's place.
            double[] out = AttentionCase.values(fast.out);
            assertTrue(Arrays.stream(out).allMatch(x -> Math.abs(x) < 6));
        }
    }

    @Example
    void aQueryThatSeesNothingGivesZeros() {
        AttentionCase fast = new AttentionCase(new Form(1, 2, 1, 9, 4, 3, 5, true), DType.FLOAT32);
        fast.forward(kernels);
        fast.backward(kernels);
        double[] out = AttentionCase.values(fast.out);
        double[] norm = AttentionCase.values(fast.logSumExp);
        double[] dq = AttentionCase.values(fast.dq);
        for (int h = 0; h < 2; h++) {
            for (int i = 0; i < 9; i++) {
                boolean sees = i - 5 >= 0;
                assertEquals(sees, norm[h * 9 + i] != Double.NEGATIVE_INFINITY);
                for (int c = 0; c < 5; c++) {
                    assertEquals(sees, out[(h * 9 + i) * 5 + c] != 0);
                }
                for (int c = 0; c < 3; c++) {
                    assertTrue(sees || dq[(h * 9 + i) * 3 + c] == 0);
                }
            }
        }
    }

    @Example
    void aQueryWhoseBiasHidesAllGivesZeros() {
        for (DType dtype : new DType[] {DType.FLOAT32, DType.BFLOAT16, DType.FLOAT64}) {
            for (double cap : new double[] {0, 3}) {
                Sizes sizes = new Sizes(2, 2, 1, 9, 301, 5, 5);
                AttentionCase one =
                        new AttentionCase(new Form(sizes, cap, false, 0, "blind", false, false, 1, 8), dtype);
                one.forward(kernels);
                one.backward(kernels);
                for (View view : new View[] {one.out, one.dq, one.dk, one.dv, one.dBias}) {
                    assertTrue(Arrays.stream(AttentionCase.values(view)).allMatch(Double::isFinite));
                }
                double[] norm = AttentionCase.values(one.logSumExp);
                for (int row = 0; row < norm.length; row++) {
                    boolean blind = row % 2 == 1;
                    assertEquals(blind, norm[row] == Double.NEGATIVE_INFINITY);
                    assertEquals(blind, isZero(one.out, 5 * row, 5));
                    assertEquals(blind, isZero(one.dq, 5 * row, 5));
                    assertEquals(blind, isZero(one.dBias, 301 * row, 301));
                }
            }
        }
    }

    private static boolean isZero(View view, int from, int count) {
        return Arrays.stream(AttentionCase.values(view), from, from + count).allMatch(x -> x == 0);
    }

    @Example
    void capsBoundTheScores() {
        Form form = new Form(new Sizes(1, 1, 1, 70, 300, 16, 16), 2, false, 0, "none", false, true, 1e4, 3);
        AttentionCase one = new AttentionCase(form, DType.FLOAT32);
        one.forward(kernels);
        double[] norm = AttentionCase.values(one.logSumExp);
        assertTrue(Arrays.stream(norm).allMatch(x -> Math.abs(x - Math.log(300)) <= 2));
        assertThrows(IllegalArgumentException.class, () -> new Mask(1, Double.NaN, false, 0, null, null));
        assertThrows(IllegalArgumentException.class, () -> new Mask(1, -1, false, 0, null, null));
    }

    @Example
    void notANumberStaysInItsRow() {
        AttentionCase fast = new AttentionCase(new Form(1, 1, 1, 20, 20, 8, 8, false), DType.FLOAT32);
        Rows.set(fast.q, fast.q.offset() + 7 * fast.q.strides()[2], Double.NaN);
        fast.forward(kernels);
        double[] out = AttentionCase.values(fast.out);
        double[] norm = AttentionCase.values(fast.logSumExp);
        for (int i = 0; i < 20; i++) {
            assertEquals(i == 7, Double.isNaN(norm[i]));
            for (int c = 0; c < 8; c++) {
                assertEquals(i == 7, Double.isNaN(out[i * 8 + c]));
            }
        }
    }

    @Example
    void whatPaddingHidesMayBeNotANumber() {
        Form form = new Form(new Sizes(1, 1, 1, 20, 37, 8, 8), 0, false, 0, "none", true, false, 1, 2);
        AttentionCase clean = new AttentionCase(form, DType.FLOAT32);
        AttentionCase soiled = new AttentionCase(form, DType.FLOAT32);
        for (int j = 0; j < 37; j++) {
            if (Rows.isHidden(soiled.mask.keyPadding(), 0, j)) {
                Rows.set(soiled.k, soiled.k.offset() + j * 8, Double.NaN);
                Rows.set(soiled.v, soiled.v.offset() + j * 8, Double.POSITIVE_INFINITY);
            }
        }
        clean.forward(kernels);
        soiled.forward(kernels);
        assertArrayEquals(AttentionCase.values(clean.out), AttentionCase.values(soiled.out));
    }

    @Example
    void anyNumberOfThreadsGivesTheSameBits() {
        for (Form form : new Form[] {
            new Form(2, 4, 2, 131, 300, 24, 16, true).capped(1), new Form(1, 1, 1, 257, 1031, 16, 16, true),
        }) {
            double[][] expected = null;
            for (int threads : new int[] {1, 2, 5, 1}) {
                AttentionCase run = new AttentionCase(form, DType.FLOAT32);
                Workers.with(threads, () -> {
                    run.forward(kernels);
                    run.backward(kernels);
                });
                double[][] got = {
                    AttentionCase.values(run.out),
                    AttentionCase.values(run.logSumExp),
                    AttentionCase.values(run.dq),
                    AttentionCase.values(run.dk),
                    AttentionCase.values(run.dv)
                };
                expected = expected == null ? got : expected;
                for (int i = 0; i < got.length; i++) {
                    assertArrayEquals(expected[i], got[i]);
                }
            }
        }
    }

    @Example
    void shapesThatDoNotGoTogetherAreNamed() {
        AttentionCase one = new AttentionCase(new Form(1, 4, 2, 5, 7, 3, 3, true), DType.FLOAT32);
        AttentionCase two = new AttentionCase(new Form(1, 3, 2, 5, 7, 3, 3, true), DType.FLOAT32);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> kernels.forward(two.out, two.logSumExp, two.q, two.k, two.v, two.mask))
                .getMessage();
        assertTrue(message.contains("float32[1, 3, 5, 3]") && message.contains("float32[1, 2, 7, 3]"), message);
        message = assertThrows(
                        IllegalArgumentException.class,
                        () -> kernels.forward(two.out, one.logSumExp, one.q, one.k, one.v, one.mask))
                .getMessage();
        assertEquals("attention: out is float32[1, 3, 5, 3], expected [1, 4, 5, 3]", message);
        assertThrows(IllegalArgumentException.class, () -> new Mask(1, 0, false, -1, null, null));
    }
}
