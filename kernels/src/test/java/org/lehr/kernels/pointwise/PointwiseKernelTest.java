package org.lehr.kernels.pointwise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Layout;
import org.lehr.kernels.convert.Values;
import org.lehr.kernels.parallel.Workers;

@Tag("widths")
class PointwiseKernelTest {

    /// Operations that subtract nearly equal numbers: their error is measured against the inputs, not the result.
    private static final Set<String> CANCELLING = Set.of(
            "add_scaled",
            "affine",
            "erf_grad",
            "gelu",
            "gelu_grad",
            "gelu_tanh",
            "gelu_tanh_grad",
            "lerp",
            "multiply_add",
            "sigmoid_grad",
            "silu_grad",
            "tanh_grad");

    private final CpuPointwise kernels = new CpuPointwise();

    static List<PointwiseOp> operations() {
        return Operations.all();
    }

    static Stream<Object[]> cases() {
        return operations().stream()
                .flatMap(op -> Arrays.stream(DType.values())
                        .filter(dtype -> takes(op, dtype))
                        .map(dtype -> new Object[] {op, dtype}));
    }

    @Test
    void thereAreManyOperationsWithNamesOfTheirOwn() {
        List<PointwiseOp> all = operations();
        assertTrue(all.size() > 60, "found " + all.size());
        assertEquals(all.size(), all.stream().map(PointwiseOp::name).distinct().count());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithItsMeaningInFloat64(PointwiseOp op, DType dtype) {
        View[] inputs = inputs(op, dtype, Layout.DENSE, 4099);
        View out = Layout.DENSE.view(result(op, inputs), 4099);
        kernels.map(op, out, inputs);
        for (int i = 0; i < 4099; i++) {
            double[] x = new double[inputs.length];
            for (int v = 0; v < x.length; v++) {
                x[v] = Values.get(inputs[v], i);
            }
            check(op, dtype, out, i, x);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void anyLayoutGivesTheBitsOfTheDenseOne(PointwiseOp op, DType dtype) {
        for (long[] shape : new long[][] {{}, {3, 0}, {67}, {17, 13}, {3, 2, 23}}) {
            for (Layout layout : Layout.values()) {
                View[] all = inputs(op, dtype, layout, shape);
                compareWithDense(op, all, shape);
                for (int v = 0; v < op.arity() && op.arity() > 1 && shape.length == 2; v++) {
                    View[] one = inputs(op, dtype, Layout.DENSE, shape);
                    one[v] = all[v];
                    compareWithDense(op, one, shape);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("operations")
    void repeatedValuesGiveTheBitsOfWrittenOutOnes(PointwiseOp op) {
        long[] shape = {2111};
        for (int which = 0; which < 1 << op.arity(); which++) {
            View[] inputs = inputs(op, DType.FLOAT32, op, shape);
            for (int v = 0; v < inputs.length; v++) {
                if ((which >> v & 1) == 1) {
                    inputs[v] = new View(inputs[v].storage(), inputs[v].dtype(), 5, shape, new long[] {0});
                }
            }
            compareWithDense(op, inputs, shape);
        }
    }

    @ParameterizedTest
    @MethodSource("operations")
    void anyNumberOfThreadsGivesTheSameBits(PointwiseOp op) {
        long[] shape = {33013, 3};
        View[] inputs = inputs(op, DType.FLOAT32, op, shape);
        View serial = Layout.DENSE.view(result(op, inputs), shape);
        Workers.with(1, () -> kernels.map(op, serial, inputs));
        for (int threads : new int[] {2, 5}) {
            View parallel = Layout.DENSE.view(result(op, inputs), shape);
            Workers.with(threads, () -> kernels.map(op, parallel, inputs));
            assertSameBits(serial, parallel, op.name() + " with " + threads + " threads");
        }
    }

    @ParameterizedTest
    @MethodSource("operations")
    void theOutputMayBeAnInput(PointwiseOp op) {
        for (Layout layout : new Layout[] {Layout.DENSE, Layout.REVERSED, Layout.GAPPED}) {
            for (int v = 0; v < op.arity(); v++) {
                View[] inputs = inputs(op, DType.FLOAT32, op, 31, 71);
                inputs[v] = inputsIn(op, layout, 31, 71)[v];
                if (inputs[v].dtype() != result(op, inputs)) {
                    continue;
                }
                View expected = Layout.DENSE.view(inputs[v].dtype(), 31, 71);
                kernels.map(op, expected, inputs);
                kernels.map(op, inputs[v], inputs);
                assertSameBits(expected, dense(inputs[v]), op.name() + " into input " + v + ", " + layout);
            }
        }
    }

    private void compareWithDense(PointwiseOp op, View[] inputs, long[] shape) {
        View[] dense = Arrays.stream(inputs).map(this::dense).toArray(View[]::new);
        View expected = Layout.DENSE.view(result(op, inputs), shape);
        kernels.map(op, expected, dense);
        for (Layout layout : new Layout[] {Layout.REVERSED, Layout.GAPPED}) {
            View out = layout.view(result(op, inputs), shape);
            out.storage().segment().fill((byte) 77);
            kernels.map(op, out, inputs);
            assertSameBits(expected, dense(out), op.name() + Arrays.toString(shape) + " into " + layout);
            if (layout == Layout.GAPPED) {
                byte before = out.storage().segment().get(ValueLayout.JAVA_BYTE, 0);
                assertEquals(77, before, "wrote beside the view");
            }
        }
    }

    private View dense(View view) {
        View dense = Layout.DENSE.view(view.dtype(), view.shape());
        MemorySegment from = view.storage().segment();
        MemorySegment to = dense.storage().segment();
        int bytes = view.dtype().bytes();
        for (long i = 0; i < view.size(); i++) {
            MemorySegment.copy(from, Values.place(view, i) * bytes, to, i * bytes, bytes);
        }
        return dense;
    }

    /// Sign and payload of a NaN are not defined by the language; everything else is.
    private static void assertSameBits(View expected, View actual, String what) {
        long bytes = expected.size() * expected.dtype().bytes();
        MemorySegment want = expected.storage().segment().asSlice(0, bytes);
        MemorySegment got = actual.storage().segment().asSlice(0, bytes);
        if (want.mismatch(got) >= 0) {
            for (long i = 0; i < expected.size(); i++) {
                // boxed equality: NaN equals NaN, −0 differs from 0
                assertEquals(Double.valueOf(Values.get(expected, i)), Double.valueOf(Values.get(actual, i)), what);
            }
        }
    }

    private static View[] inputs(PointwiseOp op, DType dtype, PointwiseOp same, long... shape) {
        return inputs(op, supported(same, dtype), Layout.DENSE, shape);
    }

    private static View[] inputsIn(PointwiseOp op, Layout layout, long... shape) {
        return inputs(op, supported(op, DType.FLOAT32), layout, shape);
    }

    private static View[] inputs(PointwiseOp op, DType dtype, Layout layout, long... shape) {
        List<View> views = new ArrayList<>();
        for (int v = 0; v < op.arity(); v++) {
            View view = layout.view(op == Where.OP && v == 0 ? DType.BOOL : dtype, shape);
            Values.fill(view, 11 + v);
            if ((op == FloorDivide.OP || op == Remainder.OP) && v == 1 && !dtype.isFloating()) {
                for (long i = 0, n = view.storage().byteSize() / view.dtype().bytes(); i < n; i++) {
                    if (Values.get(view, i) == 0) {
                        Values.set(view, i, 3);
                    }
                }
            }
            views.add(view);
        }
        return views.toArray(View[]::new);
    }

    private static DType supported(PointwiseOp op, DType wanted) {
        return takes(op, wanted) ? wanted : DType.BOOL;
    }

    private static boolean takes(PointwiseOp op, DType dtype) {
        return switch (op) {
            case UnaryOp unary -> unary.domain().contains(dtype);
            case BinaryOp binary -> binary.domain().contains(dtype);
            case TernaryOp ternary -> ternary.domain().contains(dtype);
            default -> false;
        };
    }

    private static DType result(PointwiseOp op, View... inputs) {
        return op.resultType(Arrays.stream(inputs).map(View::dtype).toArray(DType[]::new));
    }

    private static void check(PointwiseOp op, DType dtype, View out, int i, double[] x) {
        double got = Values.get(out, i);
        if (dtype == DType.FLOAT64 || dtype == DType.FLOAT32 || dtype == DType.BFLOAT16) {
            double exact = switch (op) {
                case UnaryOp unary -> unary.apply(x[0]);
                case BinaryOp binary -> binary.apply(x[0], x[1]);
                case TernaryOp ternary -> ternary.apply(x[0], x[1], x[2]);
                default -> throw new AssertionError(op);
            };
            checkFloating(op, out.dtype(), got, exact, x);
            return;
        }
        long[] n = Arrays.stream(x).mapToLong(value -> (long) value).toArray();
        long exact = switch (op) {
            case UnaryOp unary -> dtype == DType.BOOL ? (long) unary.apply(x[0]) : unary.applyLong(n[0]);
            case BinaryOp binary ->
                dtype == DType.BOOL ? (long) binary.apply(x[0], x[1]) : binary.applyLong(n[0], n[1]);
            case TernaryOp ternary ->
                dtype == DType.BOOL ? (long) ternary.apply(x[0], x[1], x[2]) : ternary.applyLong(n[0], n[1], n[2]);
            default -> throw new AssertionError(op);
        };
        long expected = switch (out.dtype()) {
            case INT32 -> (int) exact;
            case UINT8 -> exact & 0xff;
            default -> exact;
        };
        assertEquals((double) expected, got, () -> op.name() + Arrays.toString(n));
    }

    private static boolean isModerate(double value) {
        double size = Math.abs(value);
        return value == 0 || Double.isNaN(value) || size > 1e-6 && size < 1e6;
    }

    private static void checkFloating(PointwiseOp op, DType dtype, double got, double exact, double[] x) {
        String what = op.name() + Arrays.toString(x) + " is " + got + ", not " + exact;
        if (op.name().endsWith("_grad") && !Arrays.stream(x).allMatch(value -> isModerate(value))) {
            return; // products of such values overflow or underflow in float32, but not in float64
        }
        switch (dtype) {
            case FLOAT64, BOOL -> assertEquals(exact, got, what);
            case FLOAT32, BFLOAT16 -> {
                float rounded = (float) exact;
                if (Float.isNaN(rounded) || Float.isInfinite(rounded)) {
                    boolean near = Math.abs(got) > Float.MAX_VALUE * 0.99 && Math.signum(got) == Math.signum(exact);
                    assertTrue(Float.isNaN(rounded) ? Double.isNaN(got) : near, what);
                    return;
                }
                double ulp = Math.ulp(rounded);
                double bound = 4 * ulp;
                if (CANCELLING.contains(op.name())) {
                    double scale = 1;
                    for (double value : x) {
                        scale *= 1 + Math.abs(value);
                    }
                    bound += 4e-7 * scale;
                }
                if (dtype == DType.BFLOAT16) {
                    bound += Math.max(Math.abs(rounded) * 0x1p-8, 0x1p-133);
                }
                assertTrue(Math.abs(got - exact) <= bound, what);
            }
            default -> throw new AssertionError(dtype);
        }
    }
}
