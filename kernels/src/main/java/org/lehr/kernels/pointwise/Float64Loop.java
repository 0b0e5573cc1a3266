package org.lehr.kernels.pointwise;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import org.lehr.kernels.convert.Run;
import org.lehr.kernels.lanes.NativeMemory;

/// Float64, one value at a time. A template, see [Loops].
final class Float64Loop implements Loop {

    private static final Class<?> BODY = Loops.bodyOf(MethodHandles.lookup());
    private static final ValueLayout.OfDouble VALUE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    Float64Loop() {}

    @Override
    public void unary(Object body, Run out, Run a, int n) {
        UnaryOp op = (UnaryOp) BODY.cast(body);
        MemorySegment as = NativeMemory.of(a.segment());
        MemorySegment os = NativeMemory.of(out.segment());
        long ao = a.offset();
        long oo = out.offset();
        for (int i = 0; i < n; i++) {
            os.set(VALUE, oo + 8L * i, op.apply(as.get(VALUE, ao + 8L * i)));
        }
    }

    @Override
    public void binary(Object body, Run out, Run a, Run b, int n) {
        BinaryOp op = (BinaryOp) BODY.cast(body);
        MemorySegment as = NativeMemory.of(a.segment());
        MemorySegment bs = NativeMemory.of(b.segment());
        MemorySegment os = NativeMemory.of(out.segment());
        long ao = a.offset();
        long bo = b.offset();
        long oo = out.offset();
        long aStep = 8L * a.step();
        long bStep = 8L * b.step();
        for (int i = 0; i < n; i++) {
            os.set(VALUE, oo + 8L * i, op.apply(as.get(VALUE, ao + aStep * i), bs.get(VALUE, bo + bStep * i)));
        }
    }

    @Override
    public void ternary(Object body, Run out, Run a, Run b, Run c, int n) {
        TernaryOp op = (TernaryOp) BODY.cast(body);
        MemorySegment as = NativeMemory.of(a.segment());
        MemorySegment bs = NativeMemory.of(b.segment());
        MemorySegment cs = NativeMemory.of(c.segment());
        MemorySegment os = NativeMemory.of(out.segment());
        long ao = a.offset();
        long bo = b.offset();
        long co = c.offset();
        long oo = out.offset();
        long aStep = 8L * a.step();
        long bStep = 8L * b.step();
        long cStep = 8L * c.step();
        for (int i = 0; i < n; i++) {
            double x = as.get(VALUE, ao + aStep * i);
            double y = bs.get(VALUE, bo + bStep * i);
            double z = cs.get(VALUE, co + cStep * i);
            os.set(VALUE, oo + 8L * i, op.apply(x, y, z));
        }
    }
}
