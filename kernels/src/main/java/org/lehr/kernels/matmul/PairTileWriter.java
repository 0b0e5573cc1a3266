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

/// Writes the [TileKernel] for float32 tiles of one vector, which takes the depth in pairs.
///
/// With one vector per row, each element of the left matrix is loaded for a single multiplication, and loads with the
/// checks of their places take twice as long as what they are for. Here two neighbours of a row are loaded as one
/// float64, into all lanes, and meet two rows of the right matrix whose elements stand in turns ([PairPanel]):
/// two multiplications per load. The even lanes of the two sums of a row hold its sums over the even places, the odd
/// ones those over the odd places; they are added at the end.
final class PairTileWriter {

    private static final ClassDesc INTERLEAVING = ClassDesc.of("org.lehr.kernels.matmul.Interleaving");
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(
            CD_void, CD_int, SEGMENT, CD_long, CD_long, CD_long, SEGMENT, CD_long, CD_long, SEGMENT, CD_long, CD_long);
    private static final VectorCode SINGLE = new VectorCode(false);
    private static final VectorCode TWOFOLD = new VectorCode(true);

    private final int rows;

    private PairTileWriter(int rows) {
        this.rows = rows;
    }

    /// A kernel whose `k` counts pairs, and whose two steps lead from one pair to the next.
    static TileKernel write(int rows) {
        return GeneratedKernel.make(
                MethodHandles.lookup(),
                TileKernel.class,
                "PairTile" + rows,
                RUN,
                new PairTileWriter(rows)::run,
                List.of());
    }

    private void run(CodeBuilder code) {
        int a = VectorCode.nativeParameter(code, 1);
        int b = VectorCode.nativeParameter(code, 5);
        int c = VectorCode.nativeParameter(code, 8);
        int[] sums = SINGLE.zeros(code, 2 * rows);
        int left = code.allocateLocal(TypeKind.LONG);
        int right = code.allocateLocal(TypeKind.LONG);
        code.lload(code.parameterSlot(2))
                .lstore(left)
                .lload(code.parameterSlot(6))
                .lstore(right);
        int p = code.allocateLocal(TypeKind.INT);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(p);
        code.labelBinding(top).iload(p).iload(code.parameterSlot(0)).if_icmpge(end);
        step(code, a, left, b, right, sums);
        code.lload(left).lload(code.parameterSlot(4)).ladd().lstore(left);
        code.lload(right).lload(code.parameterSlot(7)).ladd().lstore(right);
        code.iinc(p, 1).goto_(top).labelBinding(end);
        store(code, c, sums);
        code.return_();
    }

    private void step(CodeBuilder code, int a, int left, int b, int right, int[] sums) {
        int low = code.allocateLocal(TypeKind.REFERENCE);
        int high = code.allocateLocal(TypeKind.REFERENCE);
        SINGLE.load(SINGLE.species(code).aload(b).lload(right)).astore(low);
        SINGLE.species(code).aload(b).lload(right).loadConstant((long) Lanes.bits() / Byte.SIZE);
        SINGLE.load(code.ladd()).astore(high);
        int x = code.allocateLocal(TypeKind.REFERENCE);
        for (int i = 0; i < rows; i++) {
            TWOFOLD.elementLayout(TWOFOLD.species(code).aload(a)).lload(left);
            TWOFOLD.repeated(VectorCode.plusRows(code, i, code.parameterSlot(3)));
            VectorCode.asSingle(code).astore(x);
            SINGLE.fma(code.aload(x).aload(low).aload(sums[2 * i])).astore(sums[2 * i]);
            SINGLE.fma(code.aload(x).aload(high).aload(sums[2 * i + 1])).astore(sums[2 * i + 1]);
        }
    }

    private void store(CodeBuilder code, int c, int[] sums) {
        for (int i = 0; i < rows; i++) {
            half(code, "EVEN", sums[2 * i], sums[2 * i + 1]);
            half(code, "ODD", sums[2 * i], sums[2 * i + 1]);
            SINGLE.add(code).aload(c).lload(code.parameterSlot(9));
            SINGLE.store(VectorCode.plusRows(code, i, code.parameterSlot(10)));
        }
    }

    private static void half(CodeBuilder code, String half, int low, int high) {
        code.getstatic(INTERLEAVING, half + "_F32", SINGLE.type()).aload(low).aload(high);
        SINGLE.select(code);
    }
}
