package org.lehr.cuda.ptx;

import org.lehr.cuda.ptx.PtxFault.Kind;

/// The memory that each thread of a warp has for itself.
final class LocalMemory {

    private final Warp warp;
    private final int size;
    private final byte[] bytes;

    LocalMemory(Warp warp, int size) {
        this.warp = warp;
        this.size = size;
        this.bytes = new byte[size * Warp.LANES];
    }

    long load(int lane, long offset, int width) {
        return Page.get(bytes, check(lane, offset, width, "reads"), width);
    }

    void store(int lane, long offset, int width, long value) {
        Page.set(bytes, check(lane, offset, width, "writes"), width, value);
    }

    void copy(int lane, int to, int from, int count) {
        System.arraycopy(bytes, lane * size + from, bytes, lane * size + to, count);
    }

    private int check(int lane, long offset, int width, String does) {
        boolean outside = offset < 0 || offset > size - width;
        if (outside || (offset & width - 1) != 0) {
            throw warp.fault(
                    outside ? Kind.OUT_OF_BOUNDS : Kind.MISALIGNED,
                    lane,
                    does + " " + width + " bytes at " + offset + " of local memory of " + size + " bytes");
        }
        return lane * size + (int) offset;
    }
}
