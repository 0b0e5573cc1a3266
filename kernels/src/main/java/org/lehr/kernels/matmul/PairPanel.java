package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// A panel of one vector of float32 columns with its rows interleaved two by two, as the tiles of [PairTileWriter] read
/// it. May only be touched where vectors are available.
final class PairPanel {

    private PairPanel() {}

    /// Bytes from one pair of rows to the next.
    static long pitch() {
        return 2L * Species.F32.vectorByteSize();
    }

    /// Interleaves rows `2p` and `2p + 1` of `pairs` pairs; row `p` of `from` begins at `offset + p·step`,
    /// in bytes.
    static void fill(int pairs, MemorySegment from, long offset, long step, MemorySegment to) {
        MemorySegment source = NativeMemory.of(from);
        MemorySegment panel = NativeMemory.of(to);
        long pitch = pitch();
        for (int p = 0; p < pairs; p++) {
            FloatVector even = load(source, offset + 2 * p * step);
            FloatVector odd = load(source, offset + (2 * p + 1) * step);
            store(Interleaving.LOW_F32.selectFrom(even, odd), panel, p * pitch);
            store(Interleaving.HIGH_F32.selectFrom(even, odd), panel, p * pitch + pitch / 2);
        }
    }

    private static FloatVector load(MemorySegment segment, long offset) {
        return FloatVector.fromMemorySegment(Species.F32, segment, offset, ByteOrder.nativeOrder());
    }

    private static void store(FloatVector value, MemorySegment segment, long offset) {
        value.intoMemorySegment(segment, offset, ByteOrder.nativeOrder());
    }
}
