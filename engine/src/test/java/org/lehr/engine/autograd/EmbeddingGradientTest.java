package org.lehr.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Embedding;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// The memory of a table's gradient is cleared only where it is not zero: it must still read as a dense one, whatever
/// happened to it before.
class EmbeddingGradientTest {

    private static final int ROWS = 2003;
    private static final int WIDTH = 5;

    private final Random random = new Random(7);

    private Tensor places(int count) {
        long[] places = new long[count];
        for (int i = 0; i < count; i++) {
            places[i] = i % 3 == 1 ? places[i - 1] : random.nextInt(ROWS);
        }
        return Tensor.of(places, count);
    }

    private static Tensor table(DType dtype) {
        return new RandomStream(1).normal(dtype, ROWS, WIDTH).requiringGradient();
    }

    private static double[] expected(Tensor places, Tensor dy) {
        double[] sums = new double[ROWS * WIDTH];
        long[] rows = places.toLongArray();
        double[] values = dy.toDoubleArray();
        for (int i = 0; i < values.length; i++) {
            sums[(int) rows[i / WIDTH] * WIDTH + i % WIDTH] += values[i];
        }
        return sums;
    }

    private static void clear(Tensor table) {
        table.gradient().view().storage().release();
        table.setGradient(null);
    }

    /// Steps with different rows, after each of which `spoil` is done to the gradient before it goes back.
    private void steps(DType dtype, Consumer<Tensor> spoil) {
        Tensor table = table(dtype);
        for (int step = 0; step < 5; step++) {
            try (Scope _ = Scope.open()) {
                Tensor places = places(7 + 30 * step % 61);
                Tensor dy = new RandomStream(step).normal(dtype, places.size(), WIDTH);
                Embedding.embedding(table, places).backward(dy, false);
                double tolerance = dtype == DType.BFLOAT16 ? 0.1 : 1e-5;
                assertArrayEquals(expected(places, dy), table.gradient().toDoubleArray(), tolerance);
                spoil.accept(table.gradient());
                clear(table);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64", "BFLOAT16"})
    void stepsDoNotSeeEachOther(DType dtype) {
        steps(dtype, gradient -> {});
    }

    @Test
    void whatOthersWroteIsClearedToo() {
        steps(DType.FLOAT32, gradient -> gradient.fill(3));
        steps(DType.FLOAT32, gradient -> gradient.addInPlace(gradient.fullLike(1)));
        steps(DType.FLOAT32, gradient -> gradient.slice(0, 1, 2).fill(5));
    }

    @Test
    void gradientsAccumulateOverPasses() {
        Tensor table = table(DType.FLOAT32);
        Tensor first = places(20);
        Tensor second = places(31);
        Tensor dy = new RandomStream(3).normal(DType.FLOAT32, 31, WIDTH);
        for (int round = 0; round < 3; round++) {
            Embedding.embedding(table, first).backward(dy.slice(0, 0, 20), false);
            Embedding.embedding(table, second).backward(dy, false);
            double[] sums = expected(first, dy.slice(0, 0, 20));
            double[] more = expected(second, dy);
            for (int i = 0; i < sums.length; i++) {
                sums[i] += more[i];
            }
            assertArrayEquals(sums, table.gradient().toDoubleArray(), 1e-5);
            clear(table);
        }
    }

    @Test
    void aTableThatIsAlsoTheHeadGetsBothGradients() {
        Tensor table = table(DType.FLOAT32);
        Tensor places = places(11);
        for (int round = 0; round < 3; round++) {
            Tensor logits = Embedding.embedding(table, places).matmul(table.transpose(0, 1));
            Tensor dy = new RandomStream(round).normal(DType.FLOAT32, 11, ROWS);
            logits.backward(dy, false);
            double[] head = dy.transpose(0, 1)
                    .matmul(Embedding.embedding(table.detach(), places))
                    .toDoubleArray();
            double[] rows = expected(places, dy.matmul(table.detach()));
            double[] found = table.gradient().toDoubleArray();
            for (int i = 0; i < found.length; i++) {
                assertEquals(head[i] + rows[i], found[i], 1e-3, "round " + round + ", element " + i);
            }
            clear(table);
        }
    }

    @Test
    void severalLookupsAddUp() {
        Tensor table = table(DType.FLOAT32);
        for (int round = 0; round < 2; round++) {
            Tensor one = places(9);
            Tensor two = places(13);
            Embedding.embedding(table, one)
                    .sum()
                    .add(Embedding.embedding(table, two).sum())
                    .add(table.slice(0, 3, 5).sum())
                    .backward();
            double[] sums = expected(one, Tensor.ones(9, WIDTH));
            double[] more = expected(two, Tensor.ones(13, WIDTH));
            for (int i = 0; i < sums.length; i++) {
                sums[i] += more[i] + (i / WIDTH == 3 || i / WIDTH == 4 ? 1 : 0);
            }
            assertArrayEquals(sums, table.gradient().toDoubleArray(), 1e-5);
            clear(table);
        }
    }
}
