package org.lehr.engine.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.lehr.kernels.DType;

/// What one element is in a file, and which [DType] it becomes in memory. Types that the engine does not
/// compute with are widened on reading, always exactly.
enum ElementType {
    F64(8, DType.FLOAT64),
    F32(4, DType.FLOAT32),
    F16(2, DType.FLOAT32),
    BF16(2, DType.BFLOAT16),
    I64(8, DType.INT64),
    I32(4, DType.INT32),
    I16(2, DType.INT32),
    I8(1, DType.INT32),
    U32(4, DType.INT64),
    U16(2, DType.INT32),
    U8(1, DType.UINT8),
    BOOL(1, DType.BOOL);

    private final int bytes;
    private final DType memory;

    ElementType(int bytes, DType memory) {
        this.bytes = bytes;
        this.memory = memory;
    }

    /// The type that stores `dtype` without a change.
    static ElementType of(DType dtype) {
        return switch (dtype) {
            case FLOAT64 -> F64;
            case FLOAT32 -> F32;
            case BFLOAT16 -> BF16;
            case INT64 -> I64;
            case INT32 -> I32;
            case UINT8 -> U8;
            case BOOL -> BOOL;
        };
    }

    /// Bytes of one element in the file.
    int bytes() {
        return bytes;
    }

    /// What the elements are after reading.
    DType memory() {
        return memory;
    }

    /// Whether a file of this byte order can be used in place, without decoding.
    boolean isNative(ByteOrder order) {
        return of(memory) == this && (bytes == 1 || order == ByteOrder.nativeOrder());
    }

    /// Decodes `count` elements that stand at `sourceByte` into `target` from element `targetIndex` on, in the
    /// machine's byte order.
    ///
    /// @throws BadElement when a boolean is neither 0 nor 1
    void decode(
            MemorySegment source, long sourceByte, ByteOrder order, MemorySegment target, long targetIndex, long count)
            throws BadElement {
        ByteOrder here = ByteOrder.nativeOrder();
        switch (this) {
            case F64, I64 ->
                MemorySegment.copy(
                        source,
                        ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order),
                        sourceByte,
                        target,
                        ValueLayout.JAVA_LONG_UNALIGNED.withOrder(here),
                        targetIndex * 8,
                        count);
            case F32, I32 ->
                MemorySegment.copy(
                        source,
                        ValueLayout.JAVA_INT_UNALIGNED.withOrder(order),
                        sourceByte,
                        target,
                        ValueLayout.JAVA_INT_UNALIGNED.withOrder(here),
                        targetIndex * 4,
                        count);
            case BF16 ->
                MemorySegment.copy(
                        source,
                        ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order),
                        sourceByte,
                        target,
                        ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(here),
                        targetIndex * 2,
                        count);
            case U8 -> MemorySegment.copy(source, sourceByte, target, targetIndex, count);
            case BOOL -> {
                checkBooleans(source, sourceByte, targetIndex, count);
                MemorySegment.copy(source, sourceByte, target, targetIndex, count);
            }
            case F16, I16, I8, U32, U16 -> widen(source, sourceByte, order, target, targetIndex, count);
        }
    }

    private void widen(
            MemorySegment source,
            long sourceByte,
            ByteOrder order,
            MemorySegment target,
            long targetIndex,
            long count) {
        ValueLayout.OfShort twoBytes = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order);
        ValueLayout.OfInt fourBytes = ValueLayout.JAVA_INT_UNALIGNED.withOrder(order);
        for (long i = 0; i < count; i++) {
            long from = sourceByte + i * bytes;
            long to = targetIndex + i;
            switch (this) {
                case F16 ->
                    target.set(
                            ValueLayout.JAVA_FLOAT_UNALIGNED, to * 4, Float.float16ToFloat(source.get(twoBytes, from)));
                case I16 -> target.set(ValueLayout.JAVA_INT_UNALIGNED, to * 4, source.get(twoBytes, from));
                case U16 -> target.set(ValueLayout.JAVA_INT_UNALIGNED, to * 4, source.get(twoBytes, from) & 0xFFFF);
                case I8 -> target.set(ValueLayout.JAVA_INT_UNALIGNED, to * 4, source.get(ValueLayout.JAVA_BYTE, from));
                case U32 ->
                    target.set(ValueLayout.JAVA_LONG_UNALIGNED, to * 8, source.get(fourBytes, from) & 0xFFFF_FFFFL);
                case F64, F32, BF16, I64, I32, U8, BOOL ->
                    throw new IllegalStateException("decode: " + this + " has no wider type");
            }
        }
    }

    /// Refuses a boolean other than 0 and 1; kernels count on the two.
    static void checkBooleans(MemorySegment source, long sourceByte, long firstIndex, long count) throws BadElement {
        for (long i = 0; i < count; i++) {
            byte value = source.get(ValueLayout.JAVA_BYTE, sourceByte + i);
            if ((value & 0xFE) != 0) {
                throw new BadElement(firstIndex + i, value & 0xFF);
            }
        }
    }

    /// An element outside its type's values; the reader that knows the file turns it into a [FormatException].
    static final class BadElement extends Exception {
        private static final long serialVersionUID = 1L;

        private BadElement(long index, int value) {
            super("element " + index + " has value " + value + ": expected a boolean, 0 or 1");
        }
    }
}
