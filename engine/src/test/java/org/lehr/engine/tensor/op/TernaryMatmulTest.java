package org.lehr.engine.tensor.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.lehr.engine.tensor.op.Sample.normal;
import static org.lehr.engine.tensor.op.Sample.normalOf;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class TernaryMatmulTest implements OpContract {

    private static Tensor ternary(long n, long k) {
        return Clamp.clamp(PiecewiseConstant.round(normalOf(3, n, k)), -1, 1);
    }

    @Override
    public Stream<Sample> samples() {
        return Stream.of(
                Sample.of("ternary matmul", x -> TernaryMatmul.times(x[0], x[1]), normal(3, 19), packed(5, 19))
                        .edge(normal(0, 19), packed(5, 19))
                        .edge(normal(2, 0), packed(5, 0))
                        .edge(normal(2, 3), packed(0, 3))
                        .edge(normal(1, 1), packed(1, 1)),
                Sample.of(
                        "ternary matmul transposed",
                        x -> Tensor.apply(new TernaryMatmul(19, true), x),
                        normal(3, 5),
                        packed(5, 19)),
                Sample.of(
                                "ternary matmul large",
                                x -> TernaryMatmul.times(x[0], x[1]),
                                normal(13, 2100),
                                packed(200, 2100))
                        .large());
    }

    private static Tensor packed(long n, long k) {
        return TernaryMatmul.pack(ternary(n, k));
    }

    @Test
    void isTheProductWithTheMatrix() {
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            for (long n : new long[] {1, 64, 150}) {
                for (long k : new long[] {1, 16, 33, 1500}) {
                    Tensor t = ternary(n, k).to(dtype);
                    Tensor packed = TernaryMatmul.pack(t);
                    // Integers, whose sums are exact.
                    Tensor x = PiecewiseConstant.round(normal(7, k).mul(40)).to(dtype);
                    Tensor y = PiecewiseConstant.round(normal(7, n).mul(40)).to(dtype);
                    assertArrayEquals(
                            x.matmul(t.transpose(0, 1)).toDoubleArray(),
                            TernaryMatmul.times(x, packed).toDoubleArray());
                    assertArrayEquals(
                            y.matmul(t).toDoubleArray(),
                            Tensor.apply(new TernaryMatmul(k, true), y, packed).toDoubleArray());
                }
            }
        }
    }

    @Test
    void packingTakesTwoBits() {
        assertEquals(3 * 2, packed(3, 17).size());
        assertEquals(
                0b01_10_00,
                TernaryMatmul.pack(Tensor.of(new double[] {-1, 1, 0}, 1, 3)).toLongArray()[0] & 63);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> TernaryMatmul.pack(Tensor.of(new double[] {0, 2}, 1, 2)))
                .getMessage();
        assertEquals("ternary_matmul: can pack -1, 0 and 1, got 2.0 at [0, 1]", message);
    }

    @Override
    public Stream<Refusal> refusals() {
        return Stream.of(
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> TernaryMatmul.times(normal(2, 40), packed(3, 20)),
                        "ternary_matmul",
                        "[2, 40]",
                        "[3, 2]"),
                Refusal.of(
                        DTypeMismatchException.class,
                        () -> TernaryMatmul.times(normal(2, 3), normal(2, 1)),
                        "ternary_matmul",
                        "float64"),
                Refusal.of(IllegalArgumentException.class, () -> TernaryMatmul.pack(normal(2, 3)), "ternary_matmul"));
    }
}
