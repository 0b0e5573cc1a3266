package org.lehr.engine.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// Views for the tests of this package, and their elements as text that tells every bit apart.
final class SampleViews {

    private SampleViews() {}

    static View of(DType dtype, long[] shape, byte[] nativeBytes) {
        Storage storage = Pool.host().allocate(nativeBytes.length, "test");
        MemorySegment.copy(nativeBytes, 0, storage.segment(), ValueLayout.JAVA_BYTE, 0, nativeBytes.length);
        return View.rowMajor(storage, dtype, shape);
    }

    static View floats(long[] shape, float... values) {
        return of(DType.FLOAT32, shape, MemorySegment.ofArray(values).toArray(ValueLayout.JAVA_BYTE));
    }

    /// Random bits (booleans: random 0 and 1), so NaNs with payloads, infinities and subnormal numbers among them.
    static View random(DType dtype, long seed, long... shape) {
        long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        byte[] bytes = new byte[Math.toIntExact(size * dtype.bytes())];
        new Random(seed).nextBytes(bytes);
        if (dtype == DType.BOOL) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] &= 1;
            }
        }
        return of(dtype, shape, bytes);
    }

    /// The transpose of a matrix, a view with strides that are not row-major.
    static View transposed(View matrix) {
        return new View(
                matrix.storage(),
                matrix.dtype(),
                matrix.offset(),
                new long[] {matrix.shape()[1], matrix.shape()[0]},
                new long[] {matrix.strides()[1], matrix.strides()[0]});
    }

    /// The bits of each element in row-major order.
    static long[] bits(View view) {
        long size = view.size();
        long[] bits = new long[Math.toIntExact(size)];
        for (int i = 0; i < size; i++) {
            bits[i] = bits(view, place(view, i));
        }
        return bits;
    }

    /// The values of each element in row-major order.
    static double[] values(View view) {
        return Arrays.stream(bits(view))
                .mapToDouble(bits -> switch (view.dtype()) {
                    case FLOAT64 -> Double.longBitsToDouble(bits);
                    case FLOAT32 -> Float.intBitsToFloat((int) bits);
                    case BFLOAT16 -> Float.intBitsToFloat((int) bits << 16);
                    case INT64, INT32 -> bits;
                    case UINT8, BOOL -> bits & 0xFF;
                })
                .toArray();
    }

    private static long place(View view, long element) {
        long at = view.offset();
        long rest = element;
        for (int d = view.rank() - 1; d >= 0; d--) {
            at += rest % view.shape()[d] * view.strides()[d];
            rest /= view.shape()[d];
        }
        return at;
    }

    private static long bits(View view, long at) {
        MemorySegment memory = view.storage().segment();
        return switch (view.dtype().bytes()) {
            case 8 -> memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at * 8);
            case 4 -> memory.get(ValueLayout.JAVA_INT_UNALIGNED, at * 4);
            case 2 -> memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at * 2);
            default -> memory.get(ValueLayout.JAVA_BYTE, at);
        };
    }
}
