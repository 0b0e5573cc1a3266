package org.lehr.kernels.matmul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.MatmulKernels.Epilogue;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Bfloat16Kernel;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// Products of bfloat16 factors beside those of the same numbers in float32 at the same strides.
@Tag("widths")
class HalfProductTest {

    private final SplittableRandom random = new SplittableRandom(7);

    /// A stack of matrices: dense, transposed, narrower than its rows, or with strides in both dimensions.
    private View matrices(int kind, long batch, long rows, long columns) {
        long[] shape = {batch, rows, columns};
        long[] strides = switch (kind) {
            case 0 -> new long[] {rows * columns, columns, 1};
            case 1 -> new long[] {rows * columns, 1, rows};
            case 2 -> new long[] {rows * (columns + 3), columns + 3, 1};
            default -> new long[] {2 * rows * columns, 2 * columns, 2};
        };
        long size = 2 * batch * rows * (columns + 3) + 5;
        Storage storage = Pool.host().allocate(2 * size, "test");
        for (long i = 0; i < size; i++) {
            Element.set(DType.BFLOAT16, storage.segment(), i, 2 * random.nextDouble() - 1);
        }
        return new View(storage, DType.BFLOAT16, 5, shape, strides);
    }

    private static View widened(View view) {
        long size = view.storage().byteSize() / 2;
        Storage storage = Pool.host().allocate(4 * size, "test");
        Bfloat16Kernel.widen(view.storage().segment(), 0, storage.segment(), 0, (int) size);
        return new View(storage, DType.FLOAT32, view.offset(), view.shape(), view.strides());
    }

    private static View product(View a, View b) {
        long[] shape = {a.shape()[0], a.shape()[1], b.shape()[2]};
        View c = View.rowMajor(
                Pool.host().allocate(Math.max(1, 4 * shape[0] * shape[1] * shape[2]), "test"), DType.FLOAT32, shape);
        MatmulKernel.forward(c, a, b, false, Epilogue.NONE);
        return c;
    }

    private static void assertSameBits(View wanted, View got, String what) {
        long bytes = 4 * wanted.size();
        long different = wanted.storage()
                .segment()
                .asSlice(0, bytes)
                .mismatch(got.storage().segment().asSlice(0, bytes));
        assertEquals(-1, different, what);
    }

    @ParameterizedTest
    @CsvSource({
        // b, m, k, n
        "1, 1, 300, 700", "1, 1, 17000, 20", "1, 700, 300, 1", "1, 5, 600, 70", "1, 131, 1031, 7", "1, 97, 513, 131",
        "3, 200, 64, 33", "50, 130, 40, 18", "49, 13, 514, 16", "1, 600, 2100, 20", "1, 20, 5000, 30", "2, 0, 3, 4",
        "1, 3, 0, 4", "1, 250, 512, 16", "1, 250, 514, 16"
    })
    void theBitsAreThoseOfConvertingBefore(int b, int m, int k, int n) {
        for (int left = 0; left < 4; left++) {
            for (int right = 0; right < 4; right++) {
                View x = matrices(left, b, m, k);
                View y = matrices(right, b, k, n);
                assertSameBits(product(widened(x), widened(y)), product(x, y), "layouts " + left + " and " + right);
            }
        }
    }

    @Test
    void theSameBitsForAnyNumberOfThreads() {
        View a = matrices(0, 2, 211, 601);
        View b = matrices(1, 2, 601, 97);
        View one = Workers.with(1, () -> product(a, b));
        IntStream.of(2, 5).forEach(threads -> assertSameBits(one, Workers.with(threads, () -> product(a, b)), ""));
    }

    /// What is taken besides the result is the packed right matrix, at most.
    @Test
    void noCopyOfTheFactorsIsMade() {
        View x = matrices(0, 1, 4000, 500);
        View y = matrices(0, 1, 500, 16);
        product(x, y);
        Pool.host().collect();
        Pool.host().resetPeak();
        long before = Pool.host().statistics().outstanding();
        View c = product(x, y);
        long taken = Pool.host().statistics().peak() - before;
        long copy = 4L * 4000 * 500;
        assertTrue(taken < 4 * c.size() + copy / 4, () -> taken + " bytes for a copy of " + copy);
    }
}
