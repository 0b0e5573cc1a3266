package org.lehr.kernels.pointwise;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.convert.Run;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// Float32 in whole vectors: `n` is a multiple of the lanes. A template, see [Loops].
final class LaneLoop implements Loop {

    private static final Class<?> BODY = Loops.bodyOf(MethodHandles.lookup());
    private static final VectorSpecies<Float> SPECIES = Species.F32;
    private static final int LANES = SPECIES.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    LaneLoop() {}

    @Override
    public void unary(Object body, Run out, Run a, int n) {
        UnaryLanes op = (UnaryLanes) BODY.cast(body);
        MemorySegment as = NativeMemory.of(a.segment());
        MemorySegment os = NativeMemory.of(out.segment());
        long ao = a.offset();
        long oo = out.offset();
        for (int i = 0; i < n; i += LANES) {
            op.apply(FloatVector.fromMemorySegment(SPECIES, as, ao + 4L * i, ORDER))
                    .intoMemorySegment(os, oo + 4L * i, ORDER);
        }
    }

    @Override
    public void binary(Object body, Run out, Run a, Run b, int n) {
        if (a.step() == 0) {
            binaryFirstRepeated(body, out, a, b, n);
        } else if (b.step() == 0) {
            binarySecondRepeated(body, out, a, b, n);
        } else {
            binaryDense(body, out, a, b, n);
        }
    }

    private void binaryDense(Object body, Run out, Run a, Run b, int n) {
        BinaryLanes op = (BinaryLanes) BODY.cast(body);
        MemorySegment as = NativeMemory.of(a.segment());
        MemorySegment bs = NativeMemory.of(b.segment());
        MemorySegment os = NativeMemory.of(out.segment());
        long ao = a.offset();
        long bo = b.offset();
        long oo = out.offset();
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, as, ao + 4L * i, ORDER);
            FloatVector y = FloatVector.fromMemorySegment(SPECIES, bs, bo + 4L * i, ORDER);
            op.apply(x, y).intoMemorySegment(os, oo + 4L * i, ORDER);
        }
    }

    private void binaryFirstRepeated(Object body, Run out, Run a, Run b, int n) {
        BinaryLanes op = (BinaryLanes) BODY.cast(body);
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, a.segment(), a.offset(), ORDER);
        MemorySegment bs = NativeMemory.of(b.segment());
        MemorySegment os = NativeMemory.of(out.segment());
        long bo = b.offset();
        long oo = out.offset();
        for (int i = 0; i < n; i += LANES) {
            FloatVector y = FloatVector.fromMemorySegment(SPECIES, bs, bo + 4L * i, ORDER);
            op.apply(x, y).intoMemorySegment(os, oo + 4L * i, ORDER);
        }
    }

    private void binarySecondRepeated(Object body, Run out, Run a, Run b, int n) {
        BinaryLanes op = (BinaryLanes) BODY.cast(body);
        FloatVector y = FloatVector.fromMemorySegment(SPECIES, b.segment(), b.offset(), ORDER);
        MemorySegment as = NativeMemory.of(a.segment());
        MemorySegment os = NativeMemory.of(out.segment());
        long ao = a.offset();
        long oo = out.offset();
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, as, ao + 4L * i, ORDER);
            op.apply(x, y).intoMemorySegment(os, oo + 4L * i, ORDER);
        }
    }

    /// A repeated input is read again each time: it stays in the first-level cache.
    @Override
    public void ternary(Object body, Run out, Run a, Run b, Run c, int n) {
        TernaryLanes op = (TernaryLanes) BODY.cast(body);
        MemorySegment as = NativeMemory.of(a.segment());
        MemorySegment bs = NativeMemory.of(b.segment());
        MemorySegment cs = NativeMemory.of(c.segment());
        MemorySegment os = NativeMemory.of(out.segment());
        long ao = a.offset();
        long bo = b.offset();
        long co = c.offset();
        long oo = out.offset();
        long aStep = 4L * a.step();
        long bStep = 4L * b.step();
        long cStep = 4L * c.step();
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, as, ao + aStep * i, ORDER);
            FloatVector y = FloatVector.fromMemorySegment(SPECIES, bs, bo + bStep * i, ORDER);
            FloatVector z = FloatVector.fromMemorySegment(SPECIES, cs, co + cStep * i, ORDER);
            op.apply(x, y, z).intoMemorySegment(os, oo + 4L * i, ORDER);
        }
    }
}
