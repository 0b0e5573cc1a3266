package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.convert.Bfloat16Kernel;

/// Runs of elements of any dtype, widened into arrays, and single results narrowed back. Places count elements.
final class Elements {

    private Elements() {}

    /// `into[at + i] = from[place + i·step]` for a floating dtype.
    static void widen(MemorySegment from, DType dtype, long place, long step, double[] into, int at, int count) {
        switch (dtype) {
            case FLOAT64 -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = from.getAtIndex(JAVA_DOUBLE, place + i * step);
                }
            }
            case FLOAT32 -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = from.getAtIndex(JAVA_FLOAT, place + i * step);
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = Bfloat16Kernel.toFloat(from.getAtIndex(JAVA_SHORT, place + i * step));
                }
            }
            case INT64, INT32, UINT8, BOOL -> throw new IllegalArgumentException("not a floating dtype: " + dtype);
        }
    }

    /// `into[at + i] = from[place + i·step]` for an integer dtype or bool.
    static void widen(MemorySegment from, DType dtype, long place, long step, long[] into, int at, int count) {
        switch (dtype) {
            case INT64 -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = from.getAtIndex(JAVA_LONG, place + i * step);
                }
            }
            case INT32 -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = from.getAtIndex(JAVA_INT, place + i * step);
                }
            }
            case UINT8, BOOL -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = from.get(JAVA_BYTE, place + i * step) & 0xFF;
                }
            }
            case FLOAT32, FLOAT64, BFLOAT16 -> throw new IllegalArgumentException("not an integer dtype: " + dtype);
        }
    }

    /// Rounds `value` once, to a floating `dtype`, and writes it.
    static void put(MemorySegment into, DType dtype, long place, double value) {
        switch (dtype) {
            case FLOAT64 -> into.setAtIndex(JAVA_DOUBLE, place, value);
            case FLOAT32 -> into.setAtIndex(JAVA_FLOAT, place, (float) value);
            case BFLOAT16 -> into.setAtIndex(JAVA_SHORT, place, Bfloat16Kernel.fromFloat((float) value));
            case INT64, INT32, UINT8, BOOL -> throw new IllegalArgumentException("not a floating dtype: " + dtype);
        }
    }

    /// `into[place + i·step] = from[at + i]`, each rounded once, for a floating dtype.
    static void narrow(double[] from, int at, int count, MemorySegment into, DType dtype, long place, long step) {
        switch (dtype) {
            case FLOAT64 -> {
                for (int i = 0; i < count; i++) {
                    into.setAtIndex(JAVA_DOUBLE, place + i * step, from[at + i]);
                }
            }
            case FLOAT32 -> {
                for (int i = 0; i < count; i++) {
                    into.setAtIndex(JAVA_FLOAT, place + i * step, (float) from[at + i]);
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    short bits = Bfloat16Kernel.fromFloat((float) from[at + i]);
                    into.setAtIndex(JAVA_SHORT, place + i * step, bits);
                }
            }
            case INT64, INT32, UINT8, BOOL -> throw new IllegalArgumentException("not a floating dtype: " + dtype);
        }
    }

    /// Writes `value` as an integer `dtype`, keeping its low bits.
    static void put(MemorySegment into, DType dtype, long place, long value) {
        switch (dtype) {
            case INT64 -> into.setAtIndex(JAVA_LONG, place, value);
            case INT32 -> into.setAtIndex(JAVA_INT, place, (int) value);
            case UINT8, BOOL -> into.set(JAVA_BYTE, place, (byte) value);
            case FLOAT32, FLOAT64, BFLOAT16 -> throw new IllegalArgumentException("not an integer dtype: " + dtype);
        }
    }

    /// The least value of an integer dtype.
    static long least(DType dtype) {
        return switch (dtype) {
            case INT64 -> Long.MIN_VALUE;
            case INT32 -> Integer.MIN_VALUE;
            case UINT8, BOOL -> 0;
            case FLOAT32, FLOAT64, BFLOAT16 -> throw new IllegalArgumentException("not an integer dtype: " + dtype);
        };
    }

    /// The greatest value of an integer dtype.
    static long greatest(DType dtype) {
        return switch (dtype) {
            case INT64 -> Long.MAX_VALUE;
            case INT32 -> Integer.MAX_VALUE;
            case UINT8 -> 255;
            case BOOL -> 1;
            case FLOAT32, FLOAT64, BFLOAT16 -> throw new IllegalArgumentException("not an integer dtype: " + dtype);
        };
    }
}
