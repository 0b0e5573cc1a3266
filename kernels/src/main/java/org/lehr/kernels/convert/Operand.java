package org.lehr.kernels.convert;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// One array of a blocked loop, as runs of a compute dtype (float32, float64 or int64), whatever the view's own dtype
/// and strides are.
///
/// A view that is dense in the order of the nest and has the compute dtype is used where it stands; one that repeats a
/// single value is converted once; all others pass through scratch memory, [Runs#BLOCK] elements at a time.
/// Belongs to one thread and to one walk from a given element on: blocks follow each other without gaps.
public final class Operand {

    /// Bytes of scratch memory that an operand may use.
    public static final int SCRATCH = 2 * 8 * Runs.BLOCK;

    private final DType hub;
    private final DType dtype;
    private final MemorySegment memory;
    private final long start;
    private final boolean dense;
    private final boolean repeated;
    private final Nest.Cursor cursor;
    private final MemorySegment scratch;
    private final long packed;
    private final long converted;
    private MemorySegment segment;
    private long offset;

    private Operand(
            DType hub, View view, Nest nest, int index, long from, boolean repeats, MemorySegment scratch, long at) {
        this.hub = hub;
        this.dtype = view.dtype();
        this.memory = view.storage().segment();
        boolean linear = nest.isLinear(index);
        this.dense = linear && nest.innerStride(index) == 1;
        this.repeated = repeats && linear && nest.innerStride(index) == 0;
        this.cursor = nest.cursor(index, from);
        this.start = view.byteOffset() + (dense ? from * dtype.bytes() : 0);
        this.scratch = scratch;
        this.packed = at;
        this.converted = at + 8L * Runs.BLOCK;
        this.segment = scratch;
        this.offset = converted;
        if (repeated) {
            Runs.load(hub, dtype, memory, start, scratch, converted, 1);
        }
    }

    /// View `index` of `nest` as an input, from element `from` on. Scratch memory is `scratch[at ... at + SCRATCH)`.
    public static Operand input(
            DType hub, View view, Nest nest, int index, long from, MemorySegment scratch, long at) {
        return new Operand(hub, view, nest, index, from, true, scratch, at);
    }

    /// As [#input], for a loop that cannot use [#step]: a repeated value is written out.
    static Operand spread(
            DType hub, View view, Nest nest, int index, long from, MemorySegment scratch, long at) {
        return new Operand(hub, view, nest, index, from, false, scratch, at);
    }

    /// View `index` of `nest` as the output, from element `from` on.
    public static Operand output(
            DType hub, View view, Nest nest, int index, long from, MemorySegment scratch, long at) {
        return new Operand(hub, view, nest, index, from, false, scratch, at);
    }

    /// Makes the `n ≤ BLOCK` elements at `done` elements from the beginning of the walk readable at [#segment].
    public void read(long done, int n) {
        if (repeated) {
            return;
        }
        if (dense && dtype == hub) {
            segment = memory;
            offset = start + done * dtype.bytes();
        } else if (dense) {
            Runs.load(hub, dtype, memory, start + done * dtype.bytes(), scratch, converted, n);
        } else if (dtype == hub) {
            Strided.gather(dtype.bytes(), memory, start, cursor, scratch, converted, n);
        } else {
            Strided.gather(dtype.bytes(), memory, start, cursor, scratch, packed, n);
            Runs.load(hub, dtype, scratch, packed, scratch, converted, n);
        }
    }

    /// Says at [#segment] where the elements at `done` may be written before they are [written][#write].
    public void prepare(long done) {
        if (dense && dtype == hub) {
            segment = memory;
            offset = start + done * dtype.bytes();
        }
    }

    /// Brings `n` computed elements that stand at `source[sourceOffset]` to their place, `done` elements from the
    /// beginning of the walk. What stands there already stays.
    public void write(MemorySegment source, long sourceOffset, long done, int n) {
        if (dense) {
            long to = start + done * dtype.bytes();
            if (dtype != hub || source != memory || sourceOffset != to) {
                Runs.store(hub, dtype, source, sourceOffset, memory, to, n);
            }
        } else if (dtype == hub) {
            Strided.scatter(dtype.bytes(), source, sourceOffset, memory, start, cursor, n);
        } else {
            Runs.store(hub, dtype, source, sourceOffset, scratch, packed, n);
            Strided.scatter(dtype.bytes(), scratch, packed, memory, start, cursor, n);
        }
    }

    /// The memory that holds the current block.
    public MemorySegment segment() {
        return segment;
    }

    /// Where in [#segment] the current block begins, in bytes.
    public long offset() {
        return offset;
    }

    /// Elements from one value to the next: 1, or 0 where a single value repeats.
    public int step() {
        return repeated ? 0 : 1;
    }
}
