package org.lehr.kernels.fusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Scope;
import org.lehr.kernels.parallel.Workers;
import org.lehr.kernels.pointwise.Add;
import org.lehr.kernels.pointwise.CpuPointwise;
import org.lehr.kernels.pointwise.GeluTanh;
import org.lehr.kernels.pointwise.Less;
import org.lehr.kernels.pointwise.Mul;
import org.lehr.kernels.pointwise.MulScalar;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.Relu;
import org.lehr.kernels.pointwise.Sub;
import org.lehr.kernels.pointwise.Tanh;
import org.lehr.kernels.pointwise.Where;

@Tag("widths")
class ChainKernelTest {

    private static final Fusion.Settings COLD = new Fusion.Settings(true, 1, Long.MAX_VALUE);
    private static final Fusion.Settings WARM = new Fusion.Settings(true, 1, 0);

    private final CpuPointwise kernels = new CpuPointwise();
    private final Random random = new Random(5);

    private static Chain.Step step(PointwiseOp op, DType type, Integer... operands) {
        return new Chain.Step(op, type, List.of(operands));
    }

    private static View empty(DType dtype, long... shape) {
        long size = 1;
        for (long extent : shape) {
            size *= extent;
        }
        return View.rowMajor(Pool.host().allocate(size * dtype.bytes(), "test"), dtype, shape);
    }

    private View filled(DType dtype, long... shape) {
        View wide = empty(DType.FLOAT64, shape);
        for (long i = 0; i < wide.size(); i++) {
            double value = switch (random.nextInt(40)) {
                case 0 -> Double.NaN;
                case 1 -> Double.POSITIVE_INFINITY;
                case 2 -> -0.0;
                case 3 -> 1e-41;
                default -> random.nextGaussian();
            };
            wide.storage().segment().setAtIndex(java.lang.foreign.ValueLayout.JAVA_DOUBLE, i, value);
        }
        View view = empty(dtype, shape);
        kernels.copy(view, wide);
        return view;
    }

    private double[] values(View view) {
        View wide = empty(DType.FLOAT64, view.shape());
        kernels.copy(wide, view);
        double[] values = new double[(int) view.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = wide.storage().segment().getAtIndex(java.lang.foreign.ValueLayout.JAVA_DOUBLE, i);
        }
        return values;
    }

    private void check(Chain chain, long[] shape, View... inputs) {
        View expected = empty(chain.type(), shape);
        chain.stepwise(kernels, bytes -> Pool.host().allocate(bytes, "between"), expected, inputs);
        double[] wanted = values(expected);
        for (Fusion.Settings settings : List.of(COLD, WARM)) {
            for (int threads : new int[] {1, 2, 5}) {
                View out = empty(chain.type(), shape);
                Fusion.with(settings, () -> {
                    Workers.with(threads, () -> ChainKernel.forward(chain, out, inputs));
                    return out;
                });
                assertArrayEquals(wanted, values(out), 0, chain + " on " + threads + " threads");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64", "BFLOAT16"})
    void chainsEqualTheirSteps(DType dtype) {
        for (long[] shape : new long[][] {{0}, {1}, {17}, {37, 53}, {33, 1031}}) {
            try (var _ = Scope.open()) {
                View x = filled(dtype, shape);
                View y = filled(dtype, shape);
                View one = new View(filled(dtype, 1).storage(), dtype, 0, shape, new long[shape.length]);
                Chain chain = new Chain(
                        3,
                        List.of(
                                step(Mul.OP, dtype, 0, 1),
                                step(Add.OP, dtype, 3, 2),
                                step(Tanh.OP, dtype, 4),
                                step(Less.OP, DType.BOOL, 5, 0),
                                step(new MulScalar(0.7), dtype, 5),
                                step(Where.OP, dtype, 6, 7, 1),
                                step(GeluTanh.OP, dtype, 8),
                                step(Sub.OP, dtype, 9, 5)));
                check(chain, shape, x, y, one);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "BOOL"})
    void valuesAreRoundedWhereTheyChangeTheirType(DType between) {
        try (var _ = Scope.open()) {
            Chain chain = new Chain(
                    1,
                    List.of(
                            step(new MulScalar(1.1), DType.FLOAT32, 0),
                            step(new Conversion(between), between, 1),
                            step(new Conversion(DType.FLOAT32), DType.FLOAT32, 2),
                            step(Add.OP, DType.FLOAT32, 3, 1)));
            check(chain, new long[] {1019}, filled(DType.FLOAT32, 1019));
        }
    }

    @Test
    void inputsMayRepeatAndStandInAnyOrder() {
        long[] shape = {67, 71};
        try (var _ = Scope.open()) {
            View row = new View(filled(DType.FLOAT32, 71).storage(), DType.FLOAT32, 0, shape, new long[] {0, 1});
            View column = new View(filled(DType.FLOAT32, 67).storage(), DType.FLOAT32, 0, shape, new long[] {1, 0});
            View turned =
                    new View(filled(DType.FLOAT32, 71, 67).storage(), DType.FLOAT32, 0, shape, new long[] {1, 67});
            View number = new View(filled(DType.FLOAT32, 1).storage(), DType.FLOAT32, 0, shape, new long[] {0, 0});
            Chain chain = new Chain(
                    4,
                    List.of(
                            step(Mul.OP, DType.FLOAT32, 3, 3),
                            step(Add.OP, DType.FLOAT32, 0, 1),
                            step(Mul.OP, DType.FLOAT32, 5, 2),
                            step(Sub.OP, DType.FLOAT32, 6, 4),
                            step(Relu.OP, DType.FLOAT32, 7)));
            check(chain, shape, row, column, turned, number);
        }
    }

    @Test
    void longChainsAreCutIntoLoops() {
        List<Chain.Step> steps = new ArrayList<>();
        for (int s = 0; s < 60; s++) {
            PointwiseOp op = s % 7 == 3 ? Tanh.OP : s % 2 == 0 ? Mul.OP : Add.OP;
            steps.add(
                    op == Tanh.OP
                            ? step(op, DType.FLOAT32, s + 1)
                            : step(op, DType.FLOAT32, s + 1, Math.max(0, s - 5)));
        }
        try (var _ = Scope.open()) {
            check(new Chain(2, steps), new long[] {5003}, filled(DType.FLOAT32, 5003), filled(DType.FLOAT32, 5003));
        }
    }

    @Test
    void whatABodyCostsIsReadFromItsClass() {
        if (Lanes.available()) {
            assertEquals(1, Weight.of(Mul.OP.lanes().getClass()));
            assertTrue(Weight.of(Tanh.OP.lanes().getClass()) > Weight.LIGHT);
        }
        assertEquals(0, Weight.of(Mul.class));
    }

    @Test
    void stepsMustReadWhatIsThere() {
        List<Chain.Step> steps = List.of(step(Add.OP, DType.FLOAT32, 0, 2));
        assertThrows(IllegalArgumentException.class, () -> new Chain(2, steps));
        assertThrows(IllegalArgumentException.class, () -> new Chain(2, List.of()));
    }
}
