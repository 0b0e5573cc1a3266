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

    /// The lanes of the widest float32 vector.
    private static final int REPEATS = 16;

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
    private Run run;

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
        this.run = new Run(scratch, converted, repeated ? 0 : 1);
        if (repeated) {
            Runs.load(hub, dtype, memory, start, scratch, converted, 1);
            int bytes = hub.bytes();
            Strided.move(bytes, scratch, converted, 0, scratch, converted + bytes, bytes, REPEATS - 1);
        }
    }

    /// View `index` of `nest` as an input, from element `from` on. Scratch memory is `scratch[at ... at +
    /// SCRATCH)`.
    public static Operand input(DType hub, View view, Nest nest, int index, long from, MemorySegment scratch, long at) {
        return new Operand(hub, view, nest, index, from, true, scratch, at);
    }

    /// As [#input], with a repeated value written out.
    public static Operand spread(
            DType hub, View view, Nest nest, int index, long from, MemorySegment scratch, long at) {
        return new Operand(hub, view, nest, index, from, false, scratch, at);
    }

    /// View `index` of `nest` as the output, from element `from` on.
    public static Operand output(
            DType hub, View view, Nest nest, int index, long from, MemorySegment scratch, long at) {
        return new Operand(hub, view, nest, index, from, false, scratch, at);
    }

    /// Makes the `n ≤ BLOCK` elements at `done` elements from the beginning of the walk readable as [#run].
    public void read(long done, int n) {
        if (repeated) {
            return;
        }
        if (dense && dtype == hub) {
            run = new Run(memory, start + done * dtype.bytes(), 1);
        } else if (dense) {
            Runs.load(hub, dtype, memory, start + done * dtype.bytes(), scratch, converted, n);
        } else if (dtype == hub) {
            Strided.gather(dtype.bytes(), memory, start, cursor, scratch, converted, n);
        } else {
            Strided.gather(dtype.bytes(), memory, start, cursor, scratch, packed, n);
            Runs.load(hub, dtype, scratch, packed, scratch, converted, n);
        }
    }

    /// Says as [#run] where the elements at `done` may be written before they are [written][#write].
    public void prepare(long done) {
        if (dense && dtype == hub) {
            run = new Run(memory, start + done * dtype.bytes(), 1);
        }
    }

    /// Whether every block stands where [#run] says without being moved.
    public boolean isDirect() {
        return repeated || dense && dtype == hub;
    }

    /// Brings `n` computed elements that stand in `block` to their place, `done` elements from the beginning of the
    /// walk. What stands there already stays.
    public void write(Run block, long done, int n) {
        MemorySegment source = block.segment();
        long sourceOffset = block.offset();
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

    /// The current block.
    public Run run() {
        return run;
    }
}
