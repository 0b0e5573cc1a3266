package org.lehr.kernels.matmul;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import org.lehr.kernels.lanes.Lanes;

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
final class TileWriter {

    private static final ClassDesc SEGMENT = ClassDesc.of("java.lang.foreign.MemorySegment");
    private static final ClassDesc LAYOUT = ClassDesc.of("java.lang.foreign.ValueLayout");
    private static final ClassDesc ORDER = ClassDesc.of("java.nio.ByteOrder");
    private static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
    private static final ClassDesc ANY_SPECIES = ClassDesc.of("jdk.incubator.vector.VectorSpecies");
    private static final ClassDesc SPECIES = ClassDesc.of("org.lehr.kernels.lanes.Species");
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(
            CD_void, CD_int, SEGMENT, CD_long, CD_long, CD_long, SEGMENT, CD_long, CD_long, SEGMENT, CD_long, CD_long);

    private final int rows;
    private final int vectors;
    private final boolean wide;
    private final ClassDesc element;
    private final ClassDesc type;

    private TileWriter(int rows, int vectors, boolean wide) {
        this.rows = rows;
        this.vectors = vectors;
        this.wide = wide;
        this.element = wide ? CD_double : CD_float;
        this.type = ClassDesc.of("jdk.incubator.vector." + (wide ? "Double" : "Float") + "Vector");
    }

    /// A kernel for tiles of `rows` by `vectors` vectors of float32, or of float64 when `wide`.
    static TileKernel write(int rows, int vectors, boolean wide) {
        byte[] bytes = new TileWriter(rows, vectors, wide).bytes();
        try {
            Class<?> made =
                    MethodHandles.lookup().defineHiddenClass(bytes, true).lookupClass();
            return (TileKernel) made.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("matmul: no kernel for tiles of " + rows + " x " + vectors, e);
        }
    }

    private byte[] bytes() {
        String name = TileKernel.class.getPackageName() + ".Tile" + rows + "x" + vectors + (wide ? "F64" : "F32");
        return ClassFile.of()
                .build(
                        ClassDesc.of(name),
                        made -> made.withFlags(ClassFile.ACC_FINAL)
                                .withInterfaceSymbols(ClassDesc.of(TileKernel.class.getName()))
                                .withMethodBody(
                                        "<init>",
                                        MTD_void,
                                        0,
                                        code -> code.aload(0)
                                                .invokespecial(CD_Object, "<init>", MTD_void)
                                                .return_())
                                .withMethodBody("run", RUN, ClassFile.ACC_PUBLIC, this::run));
    }

    private void run(CodeBuilder code) {
        int k = code.parameterSlot(0);
        int[] sums = new int[rows * vectors];
        species(code).invokestatic(type, "zero", MethodTypeDesc.of(type, ANY_SPECIES));
        for (int i = 0; i < sums.length; i++) {
            sums[i] = code.allocateLocal(TypeKind.REFERENCE);
            if (i + 1 < sums.length) {
                code.dup();
            }
            code.astore(sums[i]);
        }
        int p = code.allocateLocal(TypeKind.INT);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(p).labelBinding(top).iload(p).iload(k).if_icmpge(end);
        step(code, p, sums);
        code.iinc(p, 1).goto_(top).labelBinding(end);
        store(code, sums);
        code.return_();
    }

    private void step(CodeBuilder code, int p, int[] sums) {
        int a = code.parameterSlot(1);
        int aRow = code.parameterSlot(3);
        int b = code.parameterSlot(5);
        int from = code.allocateLocal(TypeKind.LONG);
        int row = code.allocateLocal(TypeKind.LONG);
        at(code, 2, p, 4).lstore(from);
        at(code, 6, p, 7).lstore(row);
        int[] loaded = new int[vectors];
        for (int j = 0; j < vectors; j++) {
            loaded[j] = code.allocateLocal(TypeKind.REFERENCE);
            species(code).aload(b).lload(row);
            plus(code, j * bytesOfVector());
            order(code)
                    .invokestatic(
                            type, "fromMemorySegment", MethodTypeDesc.of(type, ANY_SPECIES, SEGMENT, CD_long, ORDER));
            code.astore(loaded[j]);
        }
        int x = code.allocateLocal(TypeKind.REFERENCE);
        ClassDesc layout = ClassDesc.of("java.lang.foreign.ValueLayout$Of" + (wide ? "Double" : "Float"));
        for (int i = 0; i < rows; i++) {
            species(code)
                    .aload(a)
                    .getstatic(LAYOUT, wide ? "JAVA_DOUBLE_UNALIGNED" : "JAVA_FLOAT_UNALIGNED", layout)
                    .lload(from);
            plusRows(code, i, aRow)
                    .invokeinterface(SEGMENT, "get", MethodTypeDesc.of(element, layout, CD_long))
                    .invokestatic(type, "broadcast", MethodTypeDesc.of(type, ANY_SPECIES, element))
                    .astore(x);
            for (int j = 0; j < vectors; j++) {
                int sum = sums[i * vectors + j];
                code.aload(x).aload(loaded[j]).aload(sum);
                code.invokevirtual(type, "fma", MethodTypeDesc.of(type, VECTOR, VECTOR))
                        .astore(sum);
            }
        }
    }

    private void store(CodeBuilder code, int[] sums) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < vectors; j++) {
                code.aload(sums[i * vectors + j]).aload(code.parameterSlot(8)).lload(code.parameterSlot(9));
                plusRows(code, i, code.parameterSlot(10));
                plus(code, j * bytesOfVector());
                order(code)
                        .invokevirtual(type, "intoMemorySegment", MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
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

    private static CodeBuilder plusRows(CodeBuilder code, int count, int stride) {
        return count == 0
                ? code
                : code.loadConstant((long) count).lload(stride).lmul().ladd();
    }

    private static void plus(CodeBuilder code, int bytes) {
        if (bytes > 0) {
            code.loadConstant((long) bytes).ladd();
        }
    }

    private CodeBuilder species(CodeBuilder code) {
        return code.getstatic(SPECIES, wide ? "F64" : "F32", ANY_SPECIES);
    }

    private static CodeBuilder order(CodeBuilder code) {
        return code.invokestatic(ORDER, "nativeOrder", MethodTypeDesc.of(ORDER));
    }

    private static int bytesOfVector() {
        return Lanes.bits() / Byte.SIZE;
    }
}
