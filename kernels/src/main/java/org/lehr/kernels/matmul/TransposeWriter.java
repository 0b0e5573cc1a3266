package org.lehr.kernels.matmul;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static org.lehr.kernels.lanes.VectorCode.SEGMENT;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.List;
import org.lehr.kernels.lanes.GeneratedKernel;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.VectorCode;

/// Writes the [Transpose] for the machine's vectors.
///
/// With `n` lanes it loads `n` rows and interleaves row `i` with row `i + n/2`, which gives rows `2i` and `2i + 1`:
/// the bits of an element's place, those of its row before those of its column, turn left by one. After `log₂ n` such
/// rounds rows and columns have changed places. All of the code is straight, as each vector must be a local variable
/// of its own to stay in a register.
final class TransposeWriter {

    private static final ClassDesc INTERLEAVING = ClassDesc.of("org.lehr.kernels.matmul.Interleaving");
    private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
    private static final MethodTypeDesc RUN =
            MethodTypeDesc.of(CD_void, CD_int, SEGMENT, CD_long, CD_long, CD_int, SEGMENT, CD_long, CD_long);

    private final boolean wide;
    private final VectorCode vector;
    private final int lanes;

    private TransposeWriter(boolean wide) {
        this.wide = wide;
        this.vector = new VectorCode(wide);
        this.lanes = Lanes.bits() / (wide ? Double.SIZE : Float.SIZE);
    }

    /// For float32, or for float64 when `wide`; only where vectors are available.
    static Transpose of(boolean wide) {
        return wide ? Wide.TRANSPOSE : Single.TRANSPOSE;
    }

    private static Transpose write(boolean wide) {
        return GeneratedKernel.make(
                MethodHandles.lookup(),
                Transpose.class,
                "Transpose" + (wide ? "F64" : "F32"),
                RUN,
                new TransposeWriter(wide)::run,
                List.of());
    }

    private void run(CodeBuilder code) {
        int from = VectorCode.nativeParameter(code, 1);
        int to = VectorCode.nativeParameter(code, 5);
        int[] begins = begins(code);
        int low = interleaving(code, "LOW");
        int high = interleaving(code, "HIGH");
        int block = code.allocateLocal(TypeKind.INT);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(block);
        code.labelBinding(top).iload(block).iload(code.parameterSlot(0)).if_icmpge(end);
        int[] rows = new int[lanes];
        int[] next = new int[lanes];
        for (int i = 0; i < lanes; i++) {
            rows[i] = code.allocateLocal(TypeKind.REFERENCE);
            next[i] = code.allocateLocal(TypeKind.REFERENCE);
            vector.species(code).aload(from).lload(begins[i]).iload(block).loadConstant(Lanes.bits() / Byte.SIZE);
            vector.load(code.imul().i2l().ladd()).astore(rows[i]);
        }
        for (int round = 1; round < lanes; round *= 2) {
            for (int i = 0; i < lanes / 2; i++) {
                interleave(code, low, rows[i], rows[i + lanes / 2], next[2 * i]);
                interleave(code, high, rows[i], rows[i + lanes / 2], next[2 * i + 1]);
            }
            int[] spent = rows;
            rows = next;
            next = spent;
        }
        for (int i = 0; i < lanes; i++) {
            code.aload(rows[i]).aload(to).lload(code.parameterSlot(6));
            code.iload(block).loadConstant(lanes).imul().loadConstant(i).iadd().i2l();
            vector.store(code.lload(code.parameterSlot(7)).lmul().ladd());
        }
        code.iinc(block, 1).goto_(top).labelBinding(end).return_();
    }

    /// Local variables with the places where the rows begin.
    private int[] begins(CodeBuilder code) {
        int[] begins = new int[lanes];
        for (int i = 0; i < lanes; i++) {
            begins[i] = code.allocateLocal(TypeKind.LONG);
            code.lload(code.parameterSlot(2)).loadConstant(i).iload(code.parameterSlot(4));
            code.invokestatic(MATH, "min", MethodTypeDesc.of(CD_int, CD_int, CD_int))
                    .i2l()
                    .lload(code.parameterSlot(3))
                    .lmul()
                    .ladd()
                    .lstore(begins[i]);
        }
        return begins;
    }

    private int interleaving(CodeBuilder code, String half) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        code.getstatic(INTERLEAVING, half + (wide ? "_F64" : "_F32"), vector.type())
                .astore(local);
        return local;
    }

    private void interleave(CodeBuilder code, int half, int x, int y, int result) {
        vector.select(code.aload(half).aload(x).aload(y)).astore(result);
    }

    private static final class Single {
        private static final Transpose TRANSPOSE = write(false);
    }

    private static final class Wide {
        private static final Transpose TRANSPOSE = write(true);
    }
}
