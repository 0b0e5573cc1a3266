package org.lehr.kernels.indexing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.lehr.kernels.Arrays64.copy;
import static org.lehr.kernels.Arrays64.empty;
import static org.lehr.kernels.Arrays64.values;
import static org.lehr.kernels.Arrays64.view;
import static org.lehr.kernels.Arrays64.withAnyThreads;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.kernels.Arrays64;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

@Tag("widths")
class CpuIndexingTest {

    private final CpuIndexing kernels = new CpuIndexing();

    private static View integers(DType dtype, long seed, int bound, long... shape) {
        View view = empty(dtype, shape);
        Random random = new Random(seed);
        double[] values = new double[(int) view.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(bound);
        }
        return view(dtype, values, shape);
    }

    private static View numbers(DType dtype, long seed, long... shape) {
        return dtype.isFloating() ? Arrays64.random(dtype, seed, shape) : integers(dtype, seed, 2, shape);
    }

    /// A sum as this dtype stores it.
    private static double sum(DType dtype, double a, double b) {
        return dtype == DType.FLOAT64 ? a + b : (float) (a + b);
    }

    /// The same memory again and again, which then knows what was written.
    @ParameterizedTest
    @CsvSource({"FLOAT32, 1031, 37", "FLOAT64, 67, 3", "INT64, 67, 3", "BFLOAT16, 67, 3", "FLOAT32, 7, 0"})
    void sumsOfRowsForgetEarlierOnes(DType dtype, int rows, int n) {
        long bytes = (long) rows * n * dtype.bytes();
        for (int round = 0; round < 5; round++) {
            int m = 31 * round % 67;
            View indices = integers(DType.INT64, round, rows, m);
            View values = numbers(dtype, 3, m, n);
            View zeros = view(dtype, new double[rows * n], rows, n);
            kernels.addRows(zeros, indices, values);
            double[] result = withAnyThreads(() -> {
                Storage storage = Pool.host().allocateKnown(bytes, "test");
                View table = View.rowMajor(storage, dtype, rows, n);
                kernels.rowSums(table, indices, values);
                double[] found = values(copied(table));
                storage.release();
                return found;
            });
            assertArrayEquals(values(zeros), result);
        }
    }

    /// Between guards, as [Arrays64#values] wants it.
    private static View copied(View view) {
        View copy = empty(view.dtype(), view.shape());
        long bytes = view.size() * view.dtype().bytes();
        MemorySegment.copy(view.storage().segment(), 0, copy.storage().segment(), copy.byteOffset(), bytes);
        return copy;
    }

    @ParameterizedTest
    @EnumSource
    void selectedRowsAreCopies(DType dtype) {
        View table = numbers(dtype, 1, 13, 37);
        for (DType indexType : new DType[] {DType.INT64, DType.INT32}) {
            View indices = integers(indexType, 2, 13, 2003);
            View out = empty(dtype, 2003, 37);
            double[] result = withAnyThreads(() -> {
                kernels.selectRows(out, table, indices);
                return values(out);
            });
            double[] rows = values(table);
            double[] places = values(indices);
            for (int i = 0; i < result.length; i++) {
                assertEquals(rows[(int) places[i / 37] * 37 + i % 37], result[i], 0, "element " + i);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 13, 211, 2003",
        "FLOAT32, 13, 1, 2003",
        "FLOAT32, 1009, 97, 101",
        "FLOAT32, 1031, 37, 211",
        "FLOAT32, 5, 0, 7",
        "FLOAT32, 5, 7, 0",
        "FLOAT64, 13, 211, 503",
        "INT64, 13, 211, 503",
        "INT32, 13, 211, 503",
        "BFLOAT16, 13, 37, 2003",
        "BFLOAT16, 1009, 97, 101",
        "BFLOAT16, 5, 3, 0"
    })
    void addedRowsTakeRepeatedIndicesInOrder(DType dtype, int rows, int n, int m) {
        View table = numbers(dtype, 1, rows, n);
        View indices = integers(DType.INT64, 2, rows, m);
        View values = numbers(dtype, 3, m, n);
        double[] result = withAnyThreads(() -> {
            View target = copy(table);
            kernels.addRows(target, indices, values);
            return values(target);
        });
        double[] expected = values(table);
        double[] places = values(indices);
        double[] added = values(values);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                int place = (int) places[i] * n + j;
                expected[place] = sum(dtype, expected[place], added[i * n + j]);
            }
        }
        assertArrayEquals(rounded(dtype, expected), result);
    }

    private static double[] rounded(DType dtype, double[] values) {
        return values(view(dtype, values, values.length));
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 3, 11, 7, 211", "FLOAT32, 1009, 5, 1, 1", "FLOAT32, 1, 17, 2003, 1", "FLOAT64, 3, 11, 7, 5",
        "BFLOAT16, 3, 11, 29, 5", "INT64, 3, 11, 7, 5", "INT32, 3, 11, 7, 5", "UINT8, 3, 11, 7, 5",
        "BOOL, 3, 11, 7, 5", "FLOAT32, 0, 3, 3, 3", "FLOAT32, 3, 3, 0, 3", "FLOAT32, 3, 3, 3, 0"
    })
    void gatherAndScatterFollowTheFormula(DType dtype, int a, int n, int m, int c) {
        View in = numbers(dtype, 1, a, n, c);
        View indices = integers(dtype == DType.FLOAT64 ? DType.INT32 : DType.INT64, 2, n, a, m, c);
        View out = empty(dtype, a, m, c);
        double[] gathered = withAnyThreads(() -> {
            kernels.gather(out, in, indices);
            return values(out);
        });
        double[] source = values(in);
        double[] places = values(indices);
        for (int i = 0; i < a * m * c; i++) {
            assertEquals(source[(i / (m * c) * n + (int) places[i]) * c + i % c], gathered[i], 0, "element " + i);
        }
        if (dtype == DType.UINT8 || dtype == DType.BOOL) {
            assertThrows(IllegalArgumentException.class, () -> kernels.scatterAdd(in, indices, out));
            return;
        }
        View added = numbers(dtype, 3, a, m, c);
        double[] scattered = withAnyThreads(() -> {
            View target = copy(in);
            kernels.scatterAdd(target, indices, added);
            return values(target);
        });
        double[] terms = values(added);
        for (int i = 0; i < a * m * c; i++) {
            int place = (i / (m * c) * n + (int) places[i]) * c + i % c;
            source[place] = sum(dtype, source[place], terms[i]);
        }
        assertArrayEquals(rounded(dtype, source), scattered);
    }

    @Test
    void nansAndInfinitiesArePassedOn() {
        View table = view(DType.FLOAT32, new double[] {1, Double.NaN, Double.POSITIVE_INFINITY, -0.0}, 2, 2);
        View out = empty(DType.FLOAT32, 3, 2);
        View indices = view(DType.INT64, new double[] {1, 0, 1}, 3);
        kernels.selectRows(out, table, indices);
        double infinite = Double.POSITIVE_INFINITY;
        assertArrayEquals(new double[] {infinite, -0.0, 1, Double.NaN, infinite, -0.0}, values(out));
        kernels.addRows(table, indices, view(DType.FLOAT32, new double[] {-infinite, 1, 1, 1, 1, 1}, 3, 2));
        assertArrayEquals(new double[] {2, Double.NaN, Double.NaN, 2}, values(table));
    }

    private static void assertRefused(View untouched, String message, Executable call) {
        double[] before = values(untouched);
        IndexOutOfBoundsException error = assertThrows(IndexOutOfBoundsException.class, call);
        assertEquals(message, error.getMessage());
        assertArrayEquals(before, values(untouched));
    }

    /// The first wrong index is named, even with others behind it and several threads, and nothing is written.
    @ParameterizedTest
    @CsvSource({"13", "-1", "9223372036854775807", "-9223372036854775808"})
    void indicesOutsideAreRefusedBeforeAnythingIsWritten(long wrong) {
        int m = 50_021;
        double[] places = new double[m];
        places[40_009] = -2;
        View indices = view(DType.INT64, places, m);
        long at = indices.byteOffset() + 8 * 33_333;
        indices.storage().segment().set(ValueLayout.JAVA_LONG, at, wrong);
        View table = Arrays64.random(DType.FLOAT32, 1, 13, 2);
        View out = Arrays64.random(DType.FLOAT32, 2, m, 2);
        String message = ": index 33333 of 50021 is " + wrong + ", expected at least 0 and less than 13";
        assertRefused(out, "selectRows" + message, () -> kernels.selectRows(out, table, indices));
        assertRefused(table, "addRows" + message, () -> kernels.addRows(table, indices, out));
        View places3 =
                new View(indices.storage(), DType.INT64, indices.offset(), new long[] {1, m, 1}, new long[] {m, 1, 1});
        View values3 = Arrays64.random(DType.FLOAT32, 3, 1, m, 1);
        View column = Arrays64.random(DType.FLOAT32, 4, 1, 13, 1);
        assertRefused(values3, "gather" + message, () -> kernels.gather(values3, column, places3));
        assertRefused(column, "scatterAdd" + message, () -> kernels.scatterAdd(column, places3, values3));
    }

    @Test
    void anEmptyTableHasNoRows() {
        View table = empty(DType.FLOAT32, 0, 3);
        View out = empty(DType.FLOAT32, 0, 3);
        kernels.selectRows(out, table, empty(DType.INT64, 0));
        View first = view(DType.INT64, new double[] {0}, 1);
        View row = Arrays64.random(DType.FLOAT32, 1, 1, 3);
        assertRefused(
                row,
                "selectRows: index 0 of 1 is 0, expected at least 0 and less than 0",
                () -> kernels.selectRows(row, table, first));
    }

    @Test
    void otherDtypesAndLayoutsAreRefused() {
        View table = Arrays64.random(DType.FLOAT32, 1, 3, 3);
        View out = empty(DType.FLOAT32, 3, 3);
        View floats = view(DType.FLOAT32, new double[] {0, 1, 2}, 3);
        assertThrows(IllegalArgumentException.class, () -> kernels.selectRows(out, table, floats));
        View bytes = view(DType.UINT8, new double[9], 3, 3);
        View indices = view(DType.INT64, new double[] {0, 1, 2}, 3);
        assertThrows(IllegalArgumentException.class, () -> kernels.addRows(bytes, indices, bytes));
        View transposed =
                new View(table.storage(), DType.FLOAT32, table.offset(), new long[] {3, 3}, new long[] {1, 3});
        assertThrows(IllegalArgumentException.class, () -> kernels.selectRows(out, transposed, indices));
        assertThrows(IllegalArgumentException.class, () -> kernels.gather(out, table, indices));
    }
}
