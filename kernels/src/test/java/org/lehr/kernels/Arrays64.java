package org.lehr.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.function.Supplier;
import org.lehr.kernels.convert.Bfloat16Kernel;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// Views made from and read as `double[]`, for tests. Each stands between guard elements, so that what writes
/// beside its view is noticed by [#values].
public final class Arrays64 {

    private static final int GUARD = 3;
    private static final byte FILL = 0x5a;

    private Arrays64() {}

    /// A dense view with these values.
    public static View view(DType dtype, double[] values, long... shape) {
        View view = empty(dtype, shape);
        if (view.size() != values.length) {
            throw new IllegalArgumentException(values.length + " values for " + view);
        }
        for (int i = 0; i < values.length; i++) {
            put(view, i, values[i]);
        }
        return view;
    }

    /// A dense view full of rubbish.
    public static View empty(DType dtype, long... shape) {
        View sizes = new View(null, dtype, GUARD, shape, View.rowMajorStrides(shape));
        Storage storage = Pool.host().allocate((sizes.size() + 2 * GUARD) * dtype.bytes(), "test");
        storage.segment().fill(FILL);
        return new View(storage, dtype, GUARD, shape, View.rowMajorStrides(shape));
    }

    /// Normally distributed values of the dtype's precision.
    public static View random(DType dtype, long seed, long... shape) {
        View view = empty(dtype, shape);
        Random random = new Random(seed);
        for (int i = 0; i < view.size(); i++) {
            put(view, i, random.nextGaussian());
        }
        return view;
    }

    /// A copy with its own storage.
    public static View copy(View view) {
        return view(view.dtype(), values(view), view.shape());
    }

    /// The elements; fails when something beside the view was written.
    public static double[] values(View view) {
        MemorySegment all = view.storage().segment();
        int guard = GUARD * view.dtype().bytes();
        long end = view.byteOffset() + view.size() * view.dtype().bytes();
        for (int i = 0; i < guard; i++) {
            if (all.get(ValueLayout.JAVA_BYTE, view.byteOffset() - 1 - i) != FILL
                    || all.get(ValueLayout.JAVA_BYTE, end + i) != FILL) {
                throw new AssertionError("written outside of " + view);
            }
        }
        double[] values = new double[Math.toIntExact(view.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = get(view, i);
        }
        return values;
    }

    /// What `body` gives with one thread, after checking that 2 and 5 threads give the same bits.
    public static double[] withAnyThreads(Supplier<double[]> body) {
        double[] one = Workers.with(1, body);
        for (int threads : new int[] {2, 5}) {
            double[] many = Workers.with(threads, body);
            for (int i = 0; i < one.length; i++) {
                if (Double.doubleToRawLongBits(one[i]) != Double.doubleToRawLongBits(many[i])) {
                    throw new AssertionError(
                            "element " + i + " is " + one[i] + " with 1 thread and " + many[i] + " with " + threads);
                }
            }
        }
        return one;
    }

    /// Fails unless each value is within `tolerance·(1 + |expected|)` of what is expected, NaN where NaN is.
    public static void assertClose(double[] expected, double[] actual, double tolerance) {
        if (expected.length != actual.length) {
            throw new AssertionError("expected " + expected.length + " values, got " + actual.length);
        }
        for (int i = 0; i < expected.length; i++) {
            boolean same = Double.compare(expected[i], actual[i]) == 0;
            if (!same && !(Math.abs(expected[i] - actual[i]) <= tolerance * (1 + Math.abs(expected[i])))) {
                throw new AssertionError("element " + i + ": expected " + expected[i] + ", got " + actual[i]
                        + ", tolerance " + tolerance);
            }
        }
    }

    /// One rounding in this dtype, relatively; the arithmetic of bfloat16 is float32, its storage is not.
    public static double epsilon(DType dtype) {
        return switch (dtype) {
            case FLOAT64 -> 0x1p-53;
            case FLOAT32 -> 0x1p-24;
            case BFLOAT16 -> 0x1p-8;
            case INT64, INT32, UINT8, BOOL -> 0;
        };
    }

    private static double get(View view, long i) {
        MemorySegment all = view.storage().segment();
        long at = view.byteOffset() + i * view.dtype().bytes();
        return switch (view.dtype()) {
            case FLOAT64 -> all.get(ValueLayout.JAVA_DOUBLE, at);
            case FLOAT32 -> all.get(ValueLayout.JAVA_FLOAT, at);
            case BFLOAT16 -> Bfloat16Kernel.toFloat(all.get(ValueLayout.JAVA_SHORT, at));
            case INT64 -> all.get(ValueLayout.JAVA_LONG, at);
            case INT32 -> all.get(ValueLayout.JAVA_INT, at);
            case UINT8 -> all.get(ValueLayout.JAVA_BYTE, at) & 255;
            case BOOL -> all.get(ValueLayout.JAVA_BYTE, at);
        };
    }

    private static void put(View view, long i, double value) {
        MemorySegment all = view.storage().segment();
        long at = view.byteOffset() + i * view.dtype().bytes();
        switch (view.dtype()) {
            case FLOAT64 -> all.set(ValueLayout.JAVA_DOUBLE, at, value);
            case FLOAT32 -> all.set(ValueLayout.JAVA_FLOAT, at, (float) value);
            case BFLOAT16 -> all.set(ValueLayout.JAVA_SHORT, at, Bfloat16Kernel.fromFloat((float) value));
            case INT64 -> all.set(ValueLayout.JAVA_LONG, at, (long) value);
            case INT32 -> all.set(ValueLayout.JAVA_INT, at, (int) value);
            case UINT8, BOOL -> all.set(ValueLayout.JAVA_BYTE, at, (byte) value);
        }
    }
}
