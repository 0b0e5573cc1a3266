package org.lehr.kernels.matmul;

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

/// Writes the register-blocked [TileKernel]s as classes, when they are first wanted.
///
/// What is written is, for 2 rows of 1 vector, the Java code
/// ```
/// FloatVector c00 = zero, c10 = zero;
/// for (int p = 0; p < k; p++) {
///     FloatVector b0 = FloatVector.fromMemorySegment(Species.F32, b, bOffset + p * bStep, order);
///     FloatVector x = FloatVector.broadcast(Species.F32, a.get(JAVA_FLOAT_UNALIGNED, aOffset + p * aStep));
///     c00 = x.fma(b0, c00);
///     x = FloatVector.broadcast(Species.F32, a.get(JAVA_FLOAT_UNALIGNED, aOffset + p * aStep + aRow));
///     c10 = x.fma(b0, c10);
/// }
/// c00.intoMemorySegment(c, cOffset, order);
/// c10.intoMemorySegment(c, cOffset + cRow, order);
/// ```
/// Each accumulator must be a local variable of its own for the compiler to keep it in a register, so every tile
/// shape would be its own page of source. The broadcast, whose exact class the compiler knows, is the receiver of
/// `fma`. A tile that accesses segments much more than 40 times exceeds what the first-tier compiler can take, and then
/// warms up late or never.
public final class TileWriter {

    private static final MethodTypeDesc RUN = MethodTypeDesc.of(
            CD_void, CD_int, SEGMENT, CD_long, CD_long, CD_long, SEGMENT, CD_long, CD_long, SEGMENT, CD_long, CD_long);

    private final int rows;
    private final int vectors;
    private final VectorCode vector;

    private TileWriter(int rows, int vectors, boolean wide) {
        this.rows = rows;
        this.vectors = vectors;
        this.vector = new VectorCode(wide);
    }

    /// A new kernel for tiles of `rows` by `vectors` vectors of float32, or of float64 when `wide`. To be kept:
    /// each is
    /// compiled by itself.
    public static TileKernel write(int rows, int vectors, boolean wide) {
        return GeneratedKernel.make(
                MethodHandles.lookup(),
                TileKernel.class,
                "Tile" + rows + "x" + vectors + (wide ? "F64" : "F32"),
                RUN,
                new TileWriter(rows, vectors, wide)::run,
                List.of());
    }

    private void run(CodeBuilder code) {
        int k = code.parameterSlot(0);
        int a = VectorCode.nativeParameter(code, 1);
        int b = VectorCode.nativeParameter(code, 5);
        int c = VectorCode.nativeParameter(code, 8);
        int[] sums = vector.zeros(code, rows * vectors);
        int p = code.allocateLocal(TypeKind.INT);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(p).labelBinding(top).iload(p).iload(k).if_icmpge(end);
        step(code, p, a, b, sums);
        code.iinc(p, 1).goto_(top).labelBinding(end);
        store(code, c, sums);
        code.return_();
    }

    private void step(CodeBuilder code, int p, int a, int b, int[] sums) {
        int aRow = code.parameterSlot(3);
        int from = code.allocateLocal(TypeKind.LONG);
        int row = code.allocateLocal(TypeKind.LONG);
        at(code, 2, p, 4).lstore(from);
        at(code, 6, p, 7).lstore(row);
        int[] loaded = new int[vectors];
        for (int j = 0; j < vectors; j++) {
            loaded[j] = code.allocateLocal(TypeKind.REFERENCE);
            vector.species(code).aload(b).lload(row);
            plus(code, j * bytesOfVector());
            vector.load(code).astore(loaded[j]);
        }
        int x = code.allocateLocal(TypeKind.REFERENCE);
        for (int i = 0; i < rows; i++) {
            vector.elementLayout(vector.species(code).aload(a)).lload(from);
            vector.repeated(VectorCode.plusRows(code, i, aRow)).astore(x);
            for (int j = 0; j < vectors; j++) {
                int sum = sums[i * vectors + j];
                code.aload(x).aload(loaded[j]).aload(sum);
                vector.fma(code).astore(sum);
            }
        }
    }

    private void store(CodeBuilder code, int c, int[] sums) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < vectors; j++) {
                code.aload(sums[i * vectors + j]).aload(c).lload(code.parameterSlot(9));
                VectorCode.plusRows(code, i, code.parameterSlot(10));
                plus(code, j * bytesOfVector());
                vector.store(code);
            }
        }
    }

    /// Pushes parameter `offset` plus `p` times parameter `step`.
    private static CodeBuilder at(CodeBuilder code, int offset, int p, int step) {
        return code.lload(code.parameterSlot(offset))
                .iload(p)
                .i2l()
                .lload(code.parameterSlot(step))
                .lmul()
                .ladd();
    }

    private static void plus(CodeBuilder code, int bytes) {
        if (bytes > 0) {
            code.loadConstant((long) bytes).ladd();
        }
    }

    private static int bytesOfVector() {
        return Lanes.bits() / Byte.SIZE;
    }
}
