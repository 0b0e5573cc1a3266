package org.lehr.kernels.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.lehr.kernels.View;

/// Numbers in and out of views of any dtype, one at a time.
public final class Values {

    private static final double[] SPECIAL = {
        0,
        -0.0,
        1,
        -1,
        0.5,
        -0.5,
        2.5,
        1e10,
        -1e10,
        1e30,
        255,
        256,
        -7.9,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        4e9,
        1e-40,
        127.5,
        128
    };

    private Values() {}

    /// Fills the whole memory of `view` with numbers around 0, a third of them special ones.
    public static void fill(View view, long seed) {
        Random random = new Random(seed);
        long count = view.storage().byteSize() / view.dtype().bytes();
        for (long i = 0; i < count; i++) {
            boolean special = random.nextInt(3) == 0;
            set(view, i, special ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextGaussian() * 5);
        }
    }

    /// Fills the whole memory of `view` with normal numbers of this standard deviation.
    public static void fillNormal(View view, double deviation, long seed) {
        Random random = new Random(seed);
        long count = view.storage().byteSize() / view.dtype().bytes();
        for (long i = 0; i < count; i++) {
            set(view, i, random.nextGaussian() * deviation);
        }
    }

    /// Element `i` of the memory.
    public static double get(View view, long i) {
        MemorySegment memory = view.storage().segment();
        return switch (view.dtype()) {
            case FLOAT32 -> memory.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            case FLOAT64 -> memory.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            case BFLOAT16 -> Bfloat16Kernel.toFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, i));
            case INT64 -> memory.getAtIndex(ValueLayout.JAVA_LONG, i);
            case INT32 -> memory.getAtIndex(ValueLayout.JAVA_INT, i);
            case UINT8 -> memory.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            case BOOL -> memory.get(ValueLayout.JAVA_BYTE, i);
        };
    }

    /// Sets element `i` of the memory, converted as Java does; bool is whether it is above 0.
    public static void set(View view, long i, double value) {
        MemorySegment memory = view.storage().segment();
        switch (view.dtype()) {
            case FLOAT32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
            case FLOAT64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
            case BFLOAT16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT, i, Bfloat16Kernel.fromFloat((float) value));
            case INT64 -> memory.setAtIndex(ValueLayout.JAVA_LONG, i, (long) value);
            case INT32 -> memory.setAtIndex(ValueLayout.JAVA_INT, i, (int) value);
            case UINT8 -> memory.set(ValueLayout.JAVA_BYTE, i, (byte) value);
            case BOOL -> memory.set(ValueLayout.JAVA_BYTE, i, (byte) (value > 0 ? 1 : 0));
        }
    }

    /// The place in memory of element `i` of `view` in row-major order, counted in elements.
    public static long place(View view, long i) {
        long place = view.offset();
        long rest = i;
        for (int d = view.rank() - 1; d >= 0; d--) {
            place += rest % view.shape()[d] * view.strides()[d];
            rest /= view.shape()[d];
        }
        return place;
    }
}
