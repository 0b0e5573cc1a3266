package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Widened;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// Products with a matrix `t [n, k]` of −1, 0 and 1, of which an int32 holds sixteen neighbours of a row, the first in
/// its lowest two bits, each plus 1. Blocks are unpacked into scratch memory on their way into the product.
public final class TernaryKernel {

    /// Numbers in an int32.
    public static final int CODES = 16;

    private static final int ROWS = 64;
    private static final int COLUMNS = 1024;

    private TernaryKernel() {}

    /// The definition, in any floating dtype, sums in double.
    static void reference(View c, View a, View packed, boolean transposed) {
        long inner = a.shape()[1];
        for (long i = 0; i < c.shape()[0]; i++) {
            for (long j = 0; j < c.shape()[1]; j++) {
                double sum = 0;
                for (long p = 0; p < inner; p++) {
                    long place = a.offset() + i * a.strides()[0] + p * a.strides()[1];
                    double x = Element.get(a.dtype(), a.storage().segment(), place);
                    sum += x * (transposed ? code(packed, p, j) : code(packed, j, p));
                }
                long to = c.offset() + i * c.strides()[0] + j * c.strides()[1];
                Element.set(c.dtype(), c.storage().segment(), to, sum);
            }
        }
    }

    private static int code(View packed, long row, long column) {
        long word = packed.offset() + row * packed.shape()[1] + column / CODES;
        int bits = packed.storage().segment().getAtIndex(ValueLayout.JAVA_INT, word);
        return (bits >>> 2 * (column % CODES) & 3) - 1;
    }

    /// See [org.lehr.kernels.MatmulKernels#ternaryMatmul].
    public static void forward(View c, View a, View packed, boolean transposed) {
        check(c, a, packed, transposed);
        if (c.dtype() == DType.FLOAT64 || !Lanes.available()) {
            reference(c, a, packed, transposed);
            return;
        }
        try (Widened out = Widened.write(c);
                Widened in = Widened.read(a)) {
            long n = packed.shape()[0];
            long k = transposed ? c.shape()[1] : a.shape()[1];
            long pieces = transposed ? Math.ceilDiv(k, COLUMNS) : Math.ceilDiv(n, ROWS);
            Workers.current().forRange(pieces, 1, (from, to) -> {
                Storage scratch = Pool.host().allocate(4L * ROWS * COLUMNS, "ternary matmul");
                try {
                    Product product = new Product(out.view(), in.view(), packed, transposed, scratch.segment());
                    for (long piece = from; piece < to; piece++) {
                        product.run(piece, n, k);
                    }
                } finally {
                    scratch.release();
                }
            });
        }
    }

    /// Some columns of the result.
    private record Product(View c, View a, View packed, boolean transposed, MemorySegment scratch) {

        void run(long piece, long n, long k) {
            long rows = transposed ? n : Math.min(n, (piece + 1) * ROWS);
            long columns = transposed ? Math.min(k, (piece + 1) * COLUMNS) : k;
            boolean first = true;
            for (long row = transposed ? 0 : piece * ROWS; row < rows || first; row += ROWS) {
                for (long column = transposed ? piece * COLUMNS : 0; column < columns || first; column += COLUMNS) {
                    int height = Math.clamp(rows - row, 0, ROWS);
                    int width = Math.clamp(columns - column, 0, COLUMNS);
                    block(row, height, column, width, !first);
                    first = false;
                }
            }
        }

        private void block(long row, int height, long column, int width, boolean accumulate) {
            int words = Math.ceilDiv(width, CODES);
            long pitch = (long) words * CODES;
            for (int i = 0; i < height; i++) {
                long at = packed.offset() + (row + i) * packed.shape()[1] + column / CODES;
                Simd.unpack(packed.storage().segment(), 4 * at, words, scratch, 4 * i * pitch);
            }
            int m = (int) c.shape()[0];
            Matrix block = Matrix.rows(scratch, 0, pitch);
            Matrix left = new Stack(a).matrix(0);
            Matrix result = new Stack(c).matrix(0);
            if (transposed) {
                Gemm.serial(m, width, height, 1, left.from(0, row), block, result.from(0, column), accumulate);
            } else {
                Matrix turned = block.transposed();
                Gemm.serial(m, height, width, 1, left.from(0, column), turned, result.from(0, row), accumulate);
            }
        }
    }

    private static void check(View c, View a, View packed, boolean transposed) {
        boolean fits = c.rank() == 2 && a.rank() == 2 && packed.rank() == 2 && c.shape()[0] == a.shape()[0];
        if (fits) {
            long n = transposed ? a.shape()[1] : c.shape()[1];
            long k = transposed ? c.shape()[1] : a.shape()[1];
            fits = Arrays.equals(packed.shape(), new long[] {n, Math.ceilDiv(k, (long) CODES)})
                    && (c.strides()[1] == 1 || c.shape()[1] <= 1)
                    && packed.isContiguous()
                    && packed.dtype() == DType.INT32;
        }
        if (!fits) {
            throw new IllegalArgumentException("ternary matmul: expected a [m, k], dense packed int32 [n, k/16] and c"
                    + " [m, n], or a [m, n] and c [m, k], got " + a + ", " + packed + " and " + c);
        }
    }

    private static final class Simd {

        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final int LANES = Species.I32.length();
        private static final IntVector SHIFTS =
                IntVector.zero(Species.I32).addIndex(1).mul(2);

        /// The numbers of `words` words.
        static void unpack(MemorySegment packed, long at, int words, MemorySegment scratch, long to) {
            MemorySegment from = NativeMemory.of(packed);
            MemorySegment target = NativeMemory.of(scratch);
            for (int w = 0; w < words; w++) {
                int word = from.get(ValueLayout.JAVA_INT_UNALIGNED, at + 4L * w);
                for (int part = 0; part < CODES; part += LANES) {
                    IntVector codes = IntVector.broadcast(Species.I32, word >>> 2 * part)
                            .lanewise(VectorOperators.LSHR, SHIFTS)
                            .lanewise(VectorOperators.AND, 3)
                            .sub(1);
                    ((FloatVector) codes.convert(VectorOperators.I2F, 0))
                            .intoMemorySegment(target, to + 4L * (w * CODES + part), ORDER);
                }
            }
        }
    }
}
