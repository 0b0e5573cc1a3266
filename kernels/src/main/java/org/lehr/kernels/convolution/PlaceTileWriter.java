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
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.VectorCode;

/// Writes [PlaceTile]s as classes, when they are first wanted.
///
/// What is written is, for 2 taps and 1 vector, the Java code
/// ```
/// MemorySegment x = NativeMemory.of(image), right = NativeMemory.of(b), out = NativeMemory.of(c);
/// long t0 = taps[firstTap], t1 = taps[firstTap + 1];
/// FloatVector c00 = zero, c10 = zero;
/// for (int p = 0; p < k; p++) {
///     long place = places[p];
///     FloatVector b0 = FloatVector.fromMemorySegment(Species.F32, right, bOffset + p * 64L, order);
///     FloatVector e = FloatVector.broadcast(Species.F32, x.get(JAVA_FLOAT_UNALIGNED, t0 + place));
///     c00 = e.fma(b0, c00);
///     e = FloatVector.broadcast(Species.F32, x.get(JAVA_FLOAT_UNALIGNED, t1 + place));
///     c10 = e.fma(b0, c10);
/// }
/// c00.intoMemorySegment(out, cOffset, order);
/// c10.intoMemorySegment(out, cOffset + cRow, order);
/// ```
/// for the reasons that [DirectTileWriter] gives.
final class PlaceTileWriter {

    private static final VectorCode VECTOR = new VectorCode(false);
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(
            CD_void,
            CD_int,
            SEGMENT,
            CD_int.arrayType(),
            CD_int.arrayType(),
            CD_int,
            SEGMENT,
            CD_long,
            SEGMENT,
            CD_long,
            CD_long);

    private final int rows;
    private final int vectors;

    private PlaceTileWriter(int rows, int vectors) {
        this.rows = rows;
        this.vectors = vectors;
    }

    /// A tile of `rows` taps by `vectors` vectors of outputs, which stand side by side in the right matrix.
    static PlaceTile write(int rows, int vectors) {
        return GeneratedKernel.make(
                MethodHandles.lookup(),
                PlaceTile.class,
                "PlaceTile" + rows + "x" + vectors,
                RUN,
                new PlaceTileWriter(rows, vectors)::run,
                List.of());
    }

    private void run(CodeBuilder code) {
        int image = VectorCode.nativeParameter(code, 1);
        int right = VectorCode.nativeParameter(code, 5);
        int out = VectorCode.nativeParameter(code, 7);
        int[] taps = new int[rows];
        for (int i = 0; i < rows; i++) {
            taps[i] = code.allocateLocal(TypeKind.LONG);
            code.aload(code.parameterSlot(3)).iload(code.parameterSlot(4));
            code.loadConstant(i).iadd().iaload().i2l().lstore(taps[i]);
        }
        int p = code.allocateLocal(TypeKind.INT);
        int[] sums = VECTOR.zeros(code, rows * vectors);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0()
                .istore(p)
                .labelBinding(top)
                .iload(p)
                .iload(code.parameterSlot(0))
                .if_icmpge(end);
        step(code, p, image, right, taps, sums);
        code.iinc(p, 1).goto_(top).labelBinding(end);
        for (int i = 0; i < sums.length; i++) {
            code.aload(sums[i]).aload(out).lload(code.parameterSlot(8));
            VectorCode.plusRows(code, i / vectors, code.parameterSlot(9));
            VECTOR.store(
                    code.loadConstant((long) (i % vectors) * bytesOfVector()).ladd());
        }
        code.return_();
    }

    private void step(CodeBuilder code, int p, int image, int right, int[] taps, int[] sums) {
        int place = code.allocateLocal(TypeKind.LONG);
        code.aload(code.parameterSlot(2)).iload(p).iaload().i2l().lstore(place);
        int[] loaded = new int[vectors];
        for (int j = 0; j < vectors; j++) {
            loaded[j] = code.allocateLocal(TypeKind.REFERENCE);
            VECTOR.species(code)
                    .aload(right)
                    .lload(code.parameterSlot(6))
                    .iload(p)
                    .i2l();
            code.loadConstant((long) vectors * bytesOfVector()).lmul().ladd();
            VECTOR.load(code.loadConstant((long) j * bytesOfVector()).ladd()).astore(loaded[j]);
        }
        int element = code.allocateLocal(TypeKind.REFERENCE);
        for (int i = 0; i < rows; i++) {
            VECTOR.elementLayout(VECTOR.species(code).aload(image))
                    .lload(taps[i])
                    .lload(place)
                    .ladd();
            VECTOR.repeated(code).astore(element);
            for (int j = 0; j < vectors; j++) {
                int sum = sums[i * vectors + j];
                code.aload(element).aload(loaded[j]).aload(sum);
                VECTOR.fma(code).astore(sum);
            }
        }
    }

    private static int bytesOfVector() {
        return Lanes.bits() / Byte.SIZE;
    }
}
