package org.lehr.cuda.ptx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Some kilobytes, and for each byte who wrote and who read it last.
final class Page {

    static final int SIZE = 1 << 12;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    final byte[] bytes = new byte[SIZE];

    /// Numbers of [History] with flags of [Tract]; 0 where nobody did.
    final int[] writers = new int[SIZE];

    final int[] readers = new int[SIZE];

    static long get(byte[] bytes, int at, int size) {
        return switch (size) {
            case Byte.BYTES -> bytes[at] & 0xffL;
            case Short.BYTES -> (short) SHORT.get(bytes, at) & 0xffffL;
            case Integer.BYTES -> (int) INT.get(bytes, at) & 0xffffffffL;
            default -> (long) LONG.get(bytes, at);
        };
    }

    static void set(byte[] bytes, int at, int size, long value) {
        switch (size) {
            case Byte.BYTES -> bytes[at] = (byte) value;
            case Short.BYTES -> SHORT.set(bytes, at, (short) value);
            case Integer.BYTES -> INT.set(bytes, at, (int) value);
            default -> LONG.set(bytes, at, value);
        }
    }
}
