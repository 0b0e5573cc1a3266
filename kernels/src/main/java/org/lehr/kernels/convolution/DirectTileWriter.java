package org.lehr.kernels.convolution;

import static java.lang.constant.ConstantDescs.CD_Object;
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
///     FloatVector x = FloatVector.broadcast(Species.F32, filters.get(JAVA_FLOAT_UNALIGNED, aOffset + p * 4L));
///     c00 = x.fma(b0, c00);
///     x = FloatVector.broadcast(Species.F32, filters.get(JAVA_FLOAT_UNALIGNED, aOffset + p * 4L + aRow));
///     c10 = x.fma(b0, c10);
/// }
/// c00.intoMemorySegment(out, cOffset + places[1], order);
/// c10.intoMemorySegment(out, cOffset + places[1] + cRow, order);
/// ```
/// because each sum must be a local variable of its own to stay in a register, as in the product of matrices.
/// With much more than 40 accesses to segments the first-tier compiler would give up, and the tile warm up
/// late.
final class DirectTileWriter {

    private static final ClassDesc SEGMENT = ClassDesc.of("java.lang.foreign.MemorySegment");
    private static final ClassDesc LAYOUT = ClassDesc.of("java.lang.foreign.ValueLayout");
    private static final ClassDesc FLOATS = ClassDesc.of("java.lang.foreign.ValueLayout$OfFloat");
    private static final ClassDesc ORDER = ClassDesc.of("java.nio.ByteOrder");
    private static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
    private static final ClassDesc TYPE = ClassDesc.of("jdk.incubator.vector.FloatVector");
    private static final ClassDesc ANY_SPECIES = ClassDesc.of("jdk.incubator.vector.VectorSpecies");
    private static final ClassDesc SPECIES = ClassDesc.of("org.lehr.kernels.lanes.Species");
    private static final ClassDesc NATIVE = ClassDesc.of("org.lehr.kernels.lanes.NativeMemory");
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(
            CD_void,
            CD_int,
            SEGMENT,
            CD_long,
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
        DirectTileWriter writer = new DirectTileWriter(rows, vectors);
        String name = DirectTile.class.getPackageName() + ".DirectTile" + rows + "x" + vectors;
        byte[] bytes = ClassFile.of()
                .build(
                        ClassDesc.of(name),
                        made -> made.withFlags(ClassFile.ACC_FINAL)
                                .withInterfaceSymbols(ClassDesc.of(DirectTile.class.getName()))
                                .withMethodBody(
                                        "<init>",
                                        MTD_void,
                                        0,
                                        code -> code.aload(0)
                                                .invokespecial(CD_Object, "<init>", MTD_void)
                                                .return_())
                                .withMethodBody("run", RUN, ClassFile.ACC_PUBLIC, writer::run));
        try {
            Class<?> made =
                    MethodHandles.lookup().defineHiddenClass(bytes, true).lookupClass();
            return (DirectTile) made.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("convolution: no kernel for tiles of " + rows + " x " + vectors, e);
        }
    }

    private void run(CodeBuilder code) {
        int k = code.parameterSlot(0);
        int[] segments = {nativeMemory(code, 1), nativeMemory(code, 4), nativeMemory(code, 6)};
        int[] places = new int[vectors];
        for (int j = 0; j < vectors; j++) {
            places[j] = code.allocateLocal(TypeKind.LONG);
            place(code, j).lstore(places[j]);
        }
        int[] sums = new int[rows * vectors];
        int p = code.allocateLocal(TypeKind.INT);
        species(code).invokestatic(TYPE, "zero", MethodTypeDesc.of(TYPE, ANY_SPECIES));
        for (int i = 0; i < sums.length; i++) {
            sums[i] = code.allocateLocal(TypeKind.REFERENCE);
            if (i + 1 < sums.length) {
                code.dup();
            }
            code.astore(sums[i]);
        }
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(p).labelBinding(top).iload(p).iload(k).if_icmpge(end);
        step(code, p, segments, places, sums);
        code.iinc(p, 1).goto_(top).labelBinding(end);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < vectors; j++) {
                code.aload(sums[i * vectors + j]).aload(segments[2]);
                plusRows(place(code, vectors + j).lload(code.parameterSlot(7)).ladd(), i, code.parameterSlot(8));
                order(code)
                        .invokevirtual(TYPE, "intoMemorySegment", MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
            }
        }
        code.return_();
    }

    private static int nativeMemory(CodeBuilder code, int parameter) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        code.aload(code.parameterSlot(parameter))
                .invokestatic(NATIVE, "of", MethodTypeDesc.of(SEGMENT, SEGMENT))
                .astore(local);
        return local;
    }

    private void step(CodeBuilder code, int p, int[] segments, int[] places, int[] sums) {
        int tap = code.allocateLocal(TypeKind.LONG);
        code.aload(code.parameterSlot(5)).iload(p).iaload().i2l().lstore(tap);
        int[] loaded = new int[vectors];
        for (int j = 0; j < vectors; j++) {
            loaded[j] = code.allocateLocal(TypeKind.REFERENCE);
            species(code).aload(segments[1]).lload(places[j]).lload(tap).ladd();
            order(code)
                    .invokestatic(
                            TYPE, "fromMemorySegment", MethodTypeDesc.of(TYPE, ANY_SPECIES, SEGMENT, CD_long, ORDER));
            code.astore(loaded[j]);
        }
        int x = code.allocateLocal(TypeKind.REFERENCE);
        for (int i = 0; i < rows; i++) {
            filter(code, segments[0], p, i).astore(x);
            for (int j = 0; j < vectors; j++) {
                int sum = sums[i * vectors + j];
                code.aload(x).aload(loaded[j]).aload(sum);
                code.invokevirtual(TYPE, "fma", MethodTypeDesc.of(TYPE, VECTOR, VECTOR))
                        .astore(sum);
            }
        }
    }

    /// Pushes element `p` of filter `row`, in all lanes.
    private static CodeBuilder filter(CodeBuilder code, int segment, int p, int row) {
        species(code)
                .aload(segment)
                .getstatic(LAYOUT, "JAVA_FLOAT_UNALIGNED", FLOATS)
                .lload(code.parameterSlot(2))
                .iload(p)
                .i2l()
                .loadConstant((long) Float.BYTES)
                .lmul()
                .ladd();
        return plusRows(code, row, code.parameterSlot(3))
                .invokeinterface(SEGMENT, "get", MethodTypeDesc.of(CD_float, FLOATS, CD_long))
                .invokestatic(TYPE, "broadcast", MethodTypeDesc.of(TYPE, ANY_SPECIES, CD_float));
    }

    private static CodeBuilder place(CodeBuilder code, int index) {
        return code.aload(code.parameterSlot(9)).loadConstant(index).laload();
    }

    private static CodeBuilder plusRows(CodeBuilder code, int count, int stride) {
        return count == 0
                ? code
                : code.loadConstant((long) count).lload(stride).lmul().ladd();
    }

    private static CodeBuilder species(CodeBuilder code) {
        return code.getstatic(SPECIES, "F32", ANY_SPECIES);
    }

    private static CodeBuilder order(CodeBuilder code) {
        return code.invokestatic(ORDER, "nativeOrder", MethodTypeDesc.of(ORDER));
    }
}
