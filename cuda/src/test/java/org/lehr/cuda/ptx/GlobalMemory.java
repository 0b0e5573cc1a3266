package org.lehr.cuda.ptx;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.lehr.cuda.ptx.PtxFault.Kind;

/// All allocations of a device. Each has addresses of its own, far from the others; they are not used again.
public final class GlobalMemory {

    /// Bytes of the addresses that each allocation has.
    static final int WINDOW_BITS = 36;

    /// Windows that other memory has in generic addresses.
    static final long SHARED = 1L << WINDOW_BITS;

    static final long LOCAL = 2L << WINDOW_BITS;
    static final long PARAMETERS = 3L << WINDOW_BITS;

    private static final int FIRST = 16;

    private final List<Tract> tracts = new ArrayList<>();
    private final long limit;
    private long used;

    GlobalMemory(long limit) {
        this.limit = limit;
    }

    public long limit() {
        return limit;
    }

    /// @return its address, or 0 where there is no room
    public long allocate(String name, long bytes, boolean constant) {
        if (bytes > limit - used) {
            return 0;
        }
        used += bytes;
        tracts.add(new Tract(name, bytes, constant));
        return (long) (FIRST + tracts.size() - 1) << WINDOW_BITS;
    }

    public void free(long address) {
        Tract tract = ofHost(address, 0);
        used -= tract.size();
        tract.free();
    }

    /// What a lane means by a global address.
    Tract find(Warp warp, int lane, long address) {
        long index = (address >>> WINDOW_BITS) - FIRST;
        if (index < 0 || index >= tracts.size()) {
            throw warp.fault(
                    Kind.OUT_OF_BOUNDS, lane, "the address 0x" + Long.toHexString(address) + " is in no allocation");
        }
        return tracts.get((int) index);
    }

    static long offset(long address) {
        return address & (1L << WINDOW_BITS) - 1;
    }

    public void copyIn(long to, MemorySegment from) {
        ofHost(to, from.byteSize()).copyIn(offset(to), from);
    }

    public void copyOut(MemorySegment to, long from) {
        ofHost(from, to.byteSize()).copyOut(to, offset(from));
    }

    public void copy(long to, long from, long bytes) {
        Tract target = ofHost(to, bytes);
        Tract source = ofHost(from, bytes);
        byte[] part = new byte[Page.SIZE];
        for (long done = 0; done < bytes; done += part.length) {
            MemorySegment some = MemorySegment.ofArray(part).asSlice(0, Math.min(part.length, bytes - done));
            source.copyOut(some, offset(from) + done);
            target.copyIn(offset(to) + done, some);
        }
        for (long i = 0; i < bytes; i++) {
            if (!source.written(offset(from) + i)) {
                target.unwrite(offset(to) + i, 1);
            }
        }
    }

    void forget() {
        tracts.forEach(Tract::forget);
    }

    private Tract ofHost(long address, long bytes) {
        long index = (address >>> WINDOW_BITS) - FIRST;
        if (index < 0 || index >= tracts.size()) {
            throw new IllegalArgumentException("0x" + Long.toHexString(address) + " is in no allocation");
        }
        Tract tract = tracts.get((int) index);
        if (tract.freed()) {
            throw new IllegalStateException("the allocation at 0x" + Long.toHexString(address) + " was freed");
        }
        if (offset(address) + bytes > tract.size()) {
            throw new IllegalArgumentException(bytes + " bytes from " + offset(address)
                    + " do not fit an allocation of " + tract.size() + " bytes");
        }
        return tract;
    }
}
