package org.lehr.kernels.lanes;

import java.lang.foreign.MemorySegment;

/// Tells the compiler that a segment lies outside the Java heap.
///
/// What kind of memory a vector is loaded from, the compiler otherwise learns from a profile that all code of the
/// program shares. Vector operations that run before they are compiled use segments on the heap for their own
/// purposes; that profile then shows two kinds, and each access handles both, several times slower.
public final class NativeMemory {

    private static final Class<?> NATIVE = MemorySegment.NULL.getClass();

    private NativeMemory() {}

    /// The same segment, whose kind is known where this call is inlined. Call it before the loop.
    ///
    /// @throws ClassCastException when the segment is on the Java heap
    public static MemorySegment of(MemorySegment segment) {
        return (MemorySegment) NATIVE.cast(segment);
    }
}
