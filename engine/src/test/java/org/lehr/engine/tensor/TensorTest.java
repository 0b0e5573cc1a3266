package org.lehr.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.lehr.engine.autograd.Autograd;
import org.lehr.kernels.DType;

final class TensorTest {

    @Test
    void hostArraysComeBackConverted() {
        Tensor x = Tensor.of(new double[] {1.5, -2.5, 0, 300}, 2, 2);
        assertArrayEquals(new float[] {1.5f, -2.5f, 0, 300}, x.toFloatArray());
        assertArrayEquals(new long[] {1, -2, 0, 300}, x.toLongArray());
        assertArrayEquals(new boolean[] {true, true, false, true}, x.toBooleanArray());
        assertArrayEquals(new double[] {1.5, 0, -2.5, 300}, x.transpose(0, 1).toDoubleArray());
    }

    @Test
    void valuesWithoutShapeAreARowAndASingleOneAScalar() {
        assertEquals(Shape.of(3), Tensor.of(new int[] {1, 2, 3}).shape());
        assertEquals(Shape.SCALAR, Tensor.of(new int[] {1}).shape());
        assertEquals(Shape.of(0), Tensor.of(new float[0]).shape());
    }

    @Test
    void conversionsRoundAndSaturate() {
        Tensor x = Tensor.of(new double[] {1e10, -1e10, Double.NaN, 2.9, -2.9});
        assertArrayEquals(
                new long[] {Integer.MAX_VALUE, Integer.MIN_VALUE, 0, 2, -2},
                x.to(DType.INT32).toLongArray());
        // 1 + 2⁻⁸ lies between two bfloat16 numbers, the even one of which is 1.
        Tensor between = Tensor.of(new double[] {1 + 0x1p-8, 1 + 0x1p-7});
        assertArrayEquals(
                new double[] {1, 1 + 0x1p-7}, between.to(DType.BFLOAT16).toDoubleArray());
    }

    @Test
    void textNamesDtypeShapeAndGradient() {
        assertEquals("float32[2, 3]", Tensor.zeros(2, 3).toString());
        assertEquals(
                "float32[2] requiring gradient",
                Tensor.zeros(2).requiringGradient().toString());
        assertTrue(Tensor.zeros(2000).format().contains("too large"));
    }

    @Test
    void integersCarryNoGradient() {
        Tensor x = Tensor.ones(3).requiringGradient();
        assertEquals(false, x.to(DType.INT64).requiresGradient());
        assertEquals(false, x.greater(Tensor.zeros(3)).requiresGradient());
        assertEquals(false, Autograd.noGradient(() -> x.mul(2)).requiresGradient());
    }

    @TestFactory
    Stream<DynamicTest> errorsSayWhatWasWrong() {
        Tensor x = Tensor.ones(2, 3);
        Tensor whole = Tensor.of(new int[] {1, 2});
        return Stream.of(
                refuses(ShapeMismatchException.class, () -> Tensor.of(new float[5], 2, 3), "5 values", "[2, 3]"),
                refuses(ShapeMismatchException.class, x::item, "item", "[2, 3]"),
                refuses(ShapeMismatchException.class, x::backward, "backward", "[2, 3]"),
                refuses(
                        ShapeMismatchException.class,
                        () -> x.requiringGradient().sum().backward(Tensor.ones(2), false),
                        "backward",
                        "[2]",
                        "[]"),
                refuses(
                        ShapeMismatchException.class,
                        () -> x.requiringGradient().setGradient(Tensor.ones(3)),
                        "[2, 3]",
                        "[3]"),
                refuses(ShapeMismatchException.class, () -> x.copyFrom(Tensor.ones(2)), "copy_from", "[2]", "[2, 3]"),
                refuses(ShapeMismatchException.class, () -> x.addInPlace(Tensor.ones(4)), "add_in_place", "[4]"),
                refuses(NotDifferentiableException.class, whole::requiringGradient, "int32[2]"),
                refuses(NotDifferentiableException.class, () -> x.onGradient(g -> g), "float32[2, 3]"),
                refuses(NotDifferentiableException.class, () -> Autograd.gradient(x.sum(), x), "requires no gradient"),
                refuses(DTypeMismatchException.class, () -> x.add(whole.slice(0, 0, 1)), "add", "float32", "int32"),
                refuses(DTypeMismatchException.class, () -> x.matmul(whole), "matmul", "float32", "int32"),
                refuses(IllegalArgumentException.class, () -> Tensor.zeros(2, -1), "[2, -1]"),
                refuses(IllegalArgumentException.class, () -> Tensor.zeros(1L << 40, 1L << 40), "1099511627776"),
                refuses(DeviceMismatchException.class, () -> Device.of("abacus"), "abacus", "cpu"));
    }

    private static DynamicTest refuses(Class<? extends Exception> type, Executable use, String... fragments) {
        return dynamicTest(String.join(" ", fragments), () -> {
            Exception thrown = assertThrows(type, use);
            for (String fragment : fragments) {
                assertTrue(thrown.getMessage().contains(fragment), thrown::getMessage);
            }
        });
    }
}
