package org.lehr.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

class TensorTilesTest {

    private static final Runtime MACHINE = new Runtime(new PtxAccelerator(1 << 22));
    private static final Storage STORAGE = MACHINE.allocate(1 << 18, "factors");

    private static View matrix(DType dtype, long offset, long rows, long columns, long row, long column) {
        return new View(STORAGE, dtype, offset, new long[] {rows, columns}, new long[] {row, column});
    }

    private static View dense(DType dtype, long rows, long columns) {
        return matrix(dtype, 0, rows, columns, columns, 1);
    }

    private static boolean takes(View a, View b) {
        return TensorTiles.take(dense(a.dtype(), a.shape()[0], b.shape()[1]), a, b);
    }

    @Test
    void takesBfloat16InEveryLayout() {
        View row = dense(DType.BFLOAT16, 64, 64);
        View column = matrix(DType.BFLOAT16, 0, 64, 64, 1, 64);
        assertTrue(takes(row, row) && takes(column, row) && takes(row, column) && takes(column, column));
        assertEquals("matmul_tensor_deep_wide", TensorTiles.kernel(row, row));
        assertEquals("matmul_tensor_wide_wide", TensorTiles.kernel(column, row));
        assertEquals("matmul_tensor_deep_deep", TensorTiles.kernel(row, column));
        assertEquals("matmul_tensor_wide_deep", TensorTiles.kernel(column, column));
    }

    @Test
    void leavesTheOtherDtypesWhatTheyAre() {
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            assertFalse(takes(dense(dtype, 64, 64), dense(dtype, 64, 64)), dtype::toString);
        }
    }

    @Test
    void leavesWhatDoesNotLieAtSixteenBytes() {
        View good = dense(DType.BFLOAT16, 64, 64);
        assertTrue(takes(matrix(DType.BFLOAT16, 8, 64, 64, 72, 1), good));
        assertFalse(takes(matrix(DType.BFLOAT16, 1, 64, 64, 64, 1), good));
        assertFalse(takes(matrix(DType.BFLOAT16, 0, 64, 64, 66, 1), good));
        assertFalse(takes(good, matrix(DType.BFLOAT16, 0, 64, 64, 8, 16)));
        View stack = new View(STORAGE, DType.BFLOAT16, 0, new long[] {2, 64, 64}, new long[] {4100, 64, 1});
        View c = View.rowMajor(STORAGE, DType.BFLOAT16, 2, 64, 64);
        assertFalse(TensorTiles.take(c, stack, c));
    }

    @Test
    void leavesWhatIsSmall() {
        assertTrue(takes(dense(DType.BFLOAT16, 32, 32), dense(DType.BFLOAT16, 32, 32)));
        assertFalse(takes(dense(DType.BFLOAT16, 31, 32), dense(DType.BFLOAT16, 32, 32)));
        assertFalse(takes(dense(DType.BFLOAT16, 32, 24), dense(DType.BFLOAT16, 24, 32)));
        assertFalse(takes(dense(DType.BFLOAT16, 32, 32), dense(DType.BFLOAT16, 32, 24)));
    }

    @Test
    void countsTilesThatAreNotFull() {
        assertEquals(2 * 3, TensorTiles.blocks(129, 257));
    }
}
