package org.lehr.kernels.pointwise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Layout;
import org.lehr.kernels.convert.Values;
import org.lehr.kernels.parallel.Workers;

@Tag("widths")
class CpuPointwiseTest {

    private final CpuPointwise kernels = new CpuPointwise();

    /// An operation as a user writes it: a name and a meaning.
    private record Cube() implements UnaryOp {

        @Override
        public String name() {
            return "cube";
        }

        @Override
        public double apply(double x) {
            return x * x * x;
        }
    }

    @Test
    void anOperationNeedsOnlyANameAndAMeaning() {
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16}) {
            View x = view(dtype, i -> i - 4, 9);
            View y = Layout.REVERSED.view(dtype, 9);
            kernels.map(new Cube(), y, x);
            for (int i = 0; i < 9; i++) {
                assertEquals(Math.pow(i - 4, 3), Values.get(y, i));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 4, 2.5, 7})
    void powersWithAnyExponent(double exponent) {
        double[] places = {
            0, -0.0, 1, -1, 1.5, -2.25, 1e-20, 3e12, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN
        };
        View x = view(DType.FLOAT32, i -> places[i], places.length);
        View y = Layout.DENSE.view(DType.FLOAT32, places.length);
        kernels.map(new PowScalar(exponent), y, x);
        for (int i = 0; i < places.length; i++) {
            float exact = (float) Math.pow(Values.get(x, i), exponent);
            float ulp = Float.isFinite(exact) ? Math.ulp(exact) : 1;
            assertEquals(exact, (float) Values.get(y, i), 2 * ulp, places[i] + " to the " + exponent);
        }
    }

    @Test
    void parametersDoNotLeakFromOneInstanceToTheNext() {
        View x = view(DType.FLOAT32, i -> i, 50);
        View y = Layout.DENSE.view(DType.FLOAT32, 50);
        for (double bound : new double[] {3, 7, 20}) {
            kernels.map(new Clamp(1, bound), y, x);
            assertEquals(bound, Values.get(y, 49));
            assertEquals(1, Values.get(y, 0));
        }
    }

    @Test
    void integersOverflowByWrapping() {
        View x = view(DType.INT32, i -> Integer.MAX_VALUE, 5);
        View y = Layout.DENSE.view(DType.INT32, 5);
        kernels.map(new AddScalar(1), y, x);
        assertEquals(Integer.MIN_VALUE, Values.get(y, 4));
        View bytes = view(DType.UINT8, i -> 250, 5);
        View sum = Layout.DENSE.view(DType.UINT8, 5);
        kernels.map(Add.OP, sum, bytes, bytes);
        assertEquals(244, Values.get(sum, 4));
    }

    @Test
    void errorsNameTheOperationAndWhatWasGiven() {
        View f = Layout.DENSE.view(DType.FLOAT32, 3);
        View d = Layout.DENSE.view(DType.FLOAT64, 3);
        View n = view(DType.INT64, i -> 0, 3);
        View mask = Layout.DENSE.view(DType.BOOL, 3);
        View longer = Layout.DENSE.view(DType.FLOAT32, 4);
        assertMessage("add: dtypes differ: float32 and float64", () -> kernels.map(Add.OP, f, f, d));
        assertMessage("exp: takes floating dtypes, got int64", () -> kernels.map(Exp.OP, n, n));
        assertMessage("add: takes numeric dtypes, got bool", () -> kernels.map(Add.OP, mask, mask, mask));
        assertMessage("logical_and: takes bool, got float32", () -> kernels.map(LogicalAnd.OP, f, f, f));
        assertMessage("exp: takes 1 inputs, got 2", () -> kernels.map(Exp.OP, f, f, f));
        assertMessage("exp: gives float32, the output is float64", () -> kernels.map(Exp.OP, d, f));
        assertMessage("exp: shapes differ: [3] and [4]", () -> kernels.map(Exp.OP, f, longer));
        assertMessage("where: the condition must be bool, is float32", () -> kernels.map(Where.OP, f, f, f, f));
        assertMessage("clamp: low 2.0 must be at most high 1.0", () -> new Clamp(2, 1));
        String message = assertThrows(ArithmeticException.class, () -> kernels.map(Remainder.OP, n, n, n))
                .getMessage();
        assertEquals("remainder: integer 0 divided by zero", message);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void fillsAndRangesFollowTheirRule(DType dtype) {
        for (long[] shape : new long[][] {{}, {0}, {1}, {3001}, {37, 53}, {3, 1, 5}}) {
            for (Layout layout : new Layout[] {Layout.DENSE, Layout.REVERSED, Layout.GAPPED}) {
                for (double value : new double[] {0, -0.0, 1, 2.75}) {
                    View out = layout.view(dtype, shape);
                    View expected = new View(
                            Layout.DENSE
                                    .view(DType.UINT8, out.storage().byteSize())
                                    .storage(),
                            dtype,
                            out.offset(),
                            shape,
                            out.strides());
                    out.storage().segment().fill((byte) 9);
                    expected.storage().segment().fill((byte) 9);
                    kernels.fill(out, value);
                    FillKernel.reference(expected, value, 0);
                    assertEquals(
                            -1,
                            out.storage().segment().mismatch(expected.storage().segment()));
                }
            }
        }
        View range = Layout.DENSE.view(dtype, 101);
        kernels.range(range, 3, 2);
        for (int i = 0; i < 101; i++) {
            double exact = 3 + 2 * i;
            double wanted = dtype == DType.BOOL ? 1 : exact;
            assertEquals(wanted, Values.get(range, i), dtype == DType.BFLOAT16 ? exact / 256 : 0);
        }
    }

    @Test
    void longRangesAreTheSameOnAnyNumberOfThreads() {
        View serial = Layout.DENSE.view(DType.FLOAT32, 200_003);
        View parallel = Layout.DENSE.view(DType.FLOAT32, 200_003);
        Workers.with(1, () -> kernels.range(serial, -1, 1e-5));
        Workers.with(5, () -> kernels.range(parallel, -1, 1e-5));
        assertEquals(-1, serial.storage().segment().mismatch(parallel.storage().segment()));
        assertEquals((float) (-1 + 200_002 * 1e-5), Values.get(serial, 200_002));
    }

    @Test
    void largeTransposedInputsAreReadInPlace() {
        View a = view(DType.FLOAT32, i -> i, 101 * 67);
        View turned = new View(a.storage(), DType.FLOAT32, 0, new long[] {67, 101}, new long[] {1, 67});
        View out = Layout.DENSE.view(DType.FLOAT32, 67, 101);
        kernels.map(Neg.OP, out, turned);
        for (int i = 0; i < 67 * 101; i++) {
            assertEquals(-(i / 101 + 67.0 * (i % 101)), Values.get(out, i));
        }
    }

    private static View view(DType dtype, IntToDoubleFunction values, long size) {
        View view = Layout.DENSE.view(dtype, size);
        for (int i = 0; i < size; i++) {
            Values.set(view, i, values.applyAsDouble(i));
        }
        return view;
    }

    private static void assertMessage(String message, Runnable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
