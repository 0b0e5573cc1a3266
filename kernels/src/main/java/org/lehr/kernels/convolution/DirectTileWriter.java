package org.lehr.kernels.convolution;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static org.lehr.kernels.lanes.VectorCode.SEGMENT;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.List;
import org.lehr.kernels.lanes.GeneratedKernel;
import org.lehr.kernels.lanes.VectorCode;

/// Writes [DirectTile]s as classes, when they are first wanted.
///
/// What is written is, for 2 filters at 1 vector, the Java code
/// ```
/// MemorySegment filters = NativeMemory.of(a), image = NativeMemory.of(b), out = NativeMemory.of(c);
/// long p0 = places[0];
/// FloatVector c00 = zero, c10 = zero;
/// for (int p = 0; p < k; p++) {
///     long tap = taps[p];
///     FloatVector b0 = FloatVector.fromMemorySegment(Species.F32, image, p0 + tap, order);
///     FloatVector x = FloatVector.broadcast(Species.F32, filters.get(JAVA_FLOAT_UNALIGNED, aOffset + p * 8L));
///     c00 = x.fma(b0, c00);
///     x = FloatVector.broadcast(Species.F32, filters.get(JAVA_FLOAT_UNALIGNED, aOffset + p * 8L + 4));
///     c10 = x.fma(b0, c10);
/// }
/// c00.intoMemorySegment(out, cOffset + places[1], order);
/// c10.intoMemorySegment(out, cOffset + places[1] + cRow, order);
/// ```
/// because each sum must be a local variable of its own to stay in a register, as in the product of matrices.
/// With much more than 40 accesses to segments the first-tier compiler would give up, and the tile warm up
/// late.
final class DirectTileWriter {

    private static final VectorCode VECTOR = new VectorCode(false);
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(
            CD_void,
            CD_int,
            SEGMENT,
            CD_long,
            SEGMENT,
            CD_int.arrayType(),
            SEGMENT,
            CD_long,
            CD_long,
            CD_long.arrayType());

    private final int rows;
    private final int vectors;

    private DirectTileWriter(int rows, int vectors) {
        this.rows = rows;
        this.vectors = vectors;
    }

    /// A tile of `rows` filters at `vectors` vectors of places.
    static DirectTile write(int rows, int vectors) {
        return GeneratedKernel.make(
                MethodHandles.lookup(),
                DirectTile.class,
                "DirectTile" + rows + "x" + vectors,
                RUN,
                new DirectTileWriter(rows, vectors)::run,
                List.of());
    }

    private void run(CodeBuilder code) {
        int k = code.parameterSlot(0);
        int[] segments = {
            VectorCode.nativeParameter(code, 1),
            VectorCode.nativeParameter(code, 3),
            VectorCode.nativeParameter(code, 5)
        };
        int[] places = new int[vectors];
        for (int j = 0; j < vectors; j++) {
            places[j] = code.allocateLocal(TypeKind.LONG);
            place(code, j).lstore(places[j]);
        }
        int p = code.allocateLocal(TypeKind.INT);
        int[] sums = VECTOR.zeros(code, rows * vectors);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(p).labelBinding(top).iload(p).iload(k).if_icmpge(end);
        step(code, p, segments, places, sums);
        code.iinc(p, 1).goto_(top).labelBinding(end);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < vectors; j++) {
                code.aload(sums[i * vectors + j]).aload(segments[2]);
                place(code, vectors + j).lload(code.parameterSlot(6)).ladd();
                VECTOR.store(VectorCode.plusRows(code, i, code.parameterSlot(7)));
            }
        }
        code.return_();
    }

    private void step(CodeBuilder code, int p, int[] segments, int[] places, int[] sums) {
        int tap = code.allocateLocal(TypeKind.LONG);
        code.aload(code.parameterSlot(4)).iload(p).iaload().i2l().lstore(tap);
        int[] loaded = new int[vectors];
        for (int j = 0; j < vectors; j++) {
            loaded[j] = code.allocateLocal(TypeKind.REFERENCE);
            VECTOR.species(code).aload(segments[1]).lload(places[j]).lload(tap).ladd();
            VECTOR.load(code).astore(loaded[j]);
        }
        int x = code.allocateLocal(TypeKind.REFERENCE);
        for (int i = 0; i < rows; i++) {
            filter(code, segments[0], p, i).astore(x);
            for (int j = 0; j < vectors; j++) {
                int sum = sums[i * vectors + j];
                code.aload(x).aload(loaded[j]).aload(sum);
                VECTOR.fma(code).astore(sum);
            }
        }
    }

    /// Pushes element `p` of filter `row`, in all lanes.
    private CodeBuilder filter(CodeBuilder code, int segment, int p, int row) {
        VECTOR.elementLayout(VECTOR.species(code).aload(segment))
                .lload(code.parameterSlot(2))
                .iload(p)
                .i2l()
                .loadConstant((long) rows * Float.BYTES)
                .lmul()
                .ladd()
                .loadConstant((long) row * Float.BYTES)
                .ladd();
        return VECTOR.repeated(code);
    }

    private static CodeBuilder place(CodeBuilder code, int index) {
        return code.aload(code.parameterSlot(8)).loadConstant(index).laload();
    }
}
