package org.lehr.kernels.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// Moves elements of 1, 2, 4 or 8 bytes between a walk through a view and a dense run, bits unchanged.
public final class Strided {

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    /// Runs of up to this many elements, such as the rows of a head, are copied here: the call of a bulk copy takes
    /// as
    /// long as 256 bytes.
    private static final int SHORT_RUN = 1024;

    private Strided() {}

    /// The next `n` elements of `cursor`, a walk through `src` from byte `start`, into the run at `dst[dstOffset]`.
    public static void gather(
            int bytes, MemorySegment src, long start, Nest.Cursor cursor, MemorySegment dst, long dstOffset, int n) {
        for (int done = 0; done < n; ) {
            int run = (int) Math.min(cursor.rowLeft(), n - done);
            long from = start + cursor.offset() * bytes;
            move(bytes, src, from, cursor.innerStride() * bytes, dst, dstOffset + (long) bytes * done, bytes, run);
            cursor.advance(run);
            done += run;
        }
    }

    /// The run at `src[srcOffset]` into the next `n` elements of `cursor`, a walk through `dst` from byte `start`.
    public static void scatter(
            int bytes, MemorySegment src, long srcOffset, MemorySegment dst, long start, Nest.Cursor cursor, int n) {
        for (int done = 0; done < n; ) {
            int run = (int) Math.min(cursor.rowLeft(), n - done);
            long to = start + cursor.offset() * bytes;
            move(bytes, src, srcOffset + (long) bytes * done, bytes, dst, to, cursor.innerStride() * bytes, run);
            cursor.advance(run);
            done += run;
        }
    }

    /// `n` dense elements from `src[from]` to `dst[to]`.
    public static void copy(int bytes, MemorySegment src, long from, MemorySegment dst, long to, int n) {
        move(bytes, src, from, bytes, dst, to, bytes, n);
    }

    /// `n` elements from `in[from + i·fromStep]` to `out[to + i·toStep]`, places and steps in bytes.
    static void move(
            int bytes, MemorySegment in, long from, long fromStep, MemorySegment out, long to, long toStep, int n) {
        MemorySegment src = NativeMemory.of(in);
        MemorySegment dst = NativeMemory.of(out);
        if (fromStep == bytes && toStep == bytes && n >= 16) {
            if (bytes == 4 && n <= SHORT_RUN && Lanes.available()) {
                Simd.copy(src, from, dst, to, n);
            } else {
                MemorySegment.copy(src, from, dst, to, (long) bytes * n);
            }
            return;
        }
        if (fromStep == 0) {
            repeat(bytes, src, from, dst, to, toStep, n);
            return;
        }
        switch (bytes) {
            case 1 -> {
                for (int i = 0; i < n; i++) {
                    dst.set(BYTE, to + i * toStep, src.get(BYTE, from + i * fromStep));
                }
            }
            case 2 -> {
                for (int i = 0; i < n; i++) {
                    dst.set(SHORT, to + i * toStep, src.get(SHORT, from + i * fromStep));
                }
            }
            case 4 -> {
                for (int i = 0; i < n; i++) {
                    dst.set(INT, to + i * toStep, src.get(INT, from + i * fromStep));
                }
            }
            case 8 -> {
                for (int i = 0; i < n; i++) {
                    dst.set(LONG, to + i * toStep, src.get(LONG, from + i * fromStep));
                }
            }
            default -> throw new IllegalArgumentException("move: elements of " + bytes + " bytes");
        }
    }

    private static void repeat(int bytes, MemorySegment in, long from, MemorySegment out, long to, long step, int n) {
        MemorySegment src = NativeMemory.of(in);
        MemorySegment dst = NativeMemory.of(out);
        switch (bytes) {
            case 1 -> {
                byte value = src.get(BYTE, from);
                for (int i = 0; i < n; i++) {
                    dst.set(BYTE, to + i * step, value);
                }
            }
            case 2 -> {
                short value = src.get(SHORT, from);
                for (int i = 0; i < n; i++) {
                    dst.set(SHORT, to + i * step, value);
                }
            }
            case 4 -> {
                int value = src.get(INT, from);
                if (step == 4) {
                    for (int i = 0; i < n; i++) {
                        dst.set(INT, to + 4L * i, value);
                    }
                } else {
                    for (int i = 0; i < n; i++) {
                        dst.set(INT, to + i * step, value);
                    }
                }
            }
            case 8 -> {
                long value = src.get(LONG, from);
                for (int i = 0; i < n; i++) {
                    dst.set(LONG, to + i * step, value);
                }
            }
            default -> throw new IllegalArgumentException("repeat: elements of " + bytes + " bytes");
        }
    }

    private static final class Simd {
        private static final VectorSpecies<Float> FLOATS = Species.F32;
        private static final int LANES = FLOATS.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        /// `n ≥ 16` dense elements of 4 bytes. The last vector may overlap the one before.
        static void copy(MemorySegment src, long from, MemorySegment dst, long to, int n) {
            for (int i = 0; i < n - LANES; i += LANES) {
                FloatVector.fromMemorySegment(FLOATS, src, from + 4L * i, ORDER)
                        .intoMemorySegment(dst, to + 4L * i, ORDER);
            }
            long last = 4L * (n - LANES);
            FloatVector.fromMemorySegment(FLOATS, src, from + last, ORDER).intoMemorySegment(dst, to + last, ORDER);
        }
    }
}
