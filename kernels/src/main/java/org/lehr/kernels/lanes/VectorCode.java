package org.lehr.kernels.lanes;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/// The calls into the Vector API that generated kernels are made of, for float32, or for float64 when `wide`.
///
/// Vectors are of the width that [Species] chose; memory is in the machine's order of bytes. What is named here
/// is only named: nothing of the incubator module is loaded before generated code runs.
public record VectorCode(boolean wide) {

    /// `MemorySegment`.
    public static final ClassDesc SEGMENT = ClassDesc.of("java.lang.foreign.MemorySegment");

    private static final ClassDesc LAYOUT = ClassDesc.of("java.lang.foreign.ValueLayout");
    private static final ClassDesc ORDER = ClassDesc.of("java.nio.ByteOrder");
    private static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
    private static final ClassDesc ANY_SPECIES = ClassDesc.of("jdk.incubator.vector.VectorSpecies");
    private static final ClassDesc SPECIES = ClassDesc.of("org.lehr.kernels.lanes.Species");
    private static final ClassDesc NATIVE = ClassDesc.of("org.lehr.kernels.lanes.NativeMemory");

    /// `FloatVector` or `DoubleVector`.
    public ClassDesc type() {
        return ClassDesc.of("jdk.incubator.vector." + (wide ? "Double" : "Float") + "Vector");
    }

    private ClassDesc element() {
        return wide ? CD_double : CD_float;
    }

    private ClassDesc layout() {
        return ClassDesc.of("java.lang.foreign.ValueLayout$Of" + (wide ? "Double" : "Float"));
    }

    /// `→ species`
    public CodeBuilder species(CodeBuilder code) {
        return code.getstatic(SPECIES, wide ? "F64" : "F32", ANY_SPECIES);
    }

    /// `→ layout` of one element.
    public CodeBuilder elementLayout(CodeBuilder code) {
        return code.getstatic(LAYOUT, wide ? "JAVA_DOUBLE_UNALIGNED" : "JAVA_FLOAT_UNALIGNED", layout());
    }

    /// `species, segment, byte offset → vector`
    public CodeBuilder load(CodeBuilder code) {
        return order(code)
                .invokestatic(
                        type(), "fromMemorySegment", MethodTypeDesc.of(type(), ANY_SPECIES, SEGMENT, CD_long, ORDER));
    }

    /// `vector, segment, byte offset →`
    public CodeBuilder store(CodeBuilder code) {
        return order(code)
                .invokevirtual(type(), "intoMemorySegment", MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
    }

    /// `species, segment, layout, byte offset → vector` with the element there in all lanes.
    public CodeBuilder repeated(CodeBuilder code) {
        return code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(element(), layout(), CD_long))
                .invokestatic(type(), "broadcast", MethodTypeDesc.of(type(), ANY_SPECIES, element()));
    }

    /// `vector of float64 → vector of float32` with the same bits.
    public static CodeBuilder asSingle(CodeBuilder code) {
        ClassDesc single = new VectorCode(false).type();
        return code.invokevirtual(new VectorCode(true).type(), "reinterpretAsFloats", MethodTypeDesc.of(single));
    }

    /// `x, y → x + y`
    public CodeBuilder add(CodeBuilder code) {
        return code.invokevirtual(type(), "add", MethodTypeDesc.of(type(), VECTOR));
    }

    /// `x, y, sum → x·y + sum`
    public CodeBuilder fma(CodeBuilder code) {
        return code.invokevirtual(type(), "fma", MethodTypeDesc.of(type(), VECTOR, VECTOR));
    }

    /// `places, x, y → vector` of the lanes of `x` and, counted on from those, of `y` that `places` names.
    public CodeBuilder select(CodeBuilder code) {
        return code.invokevirtual(type(), "selectFrom", MethodTypeDesc.of(type(), VECTOR, VECTOR));
    }

    /// So many new local variables that hold zeros.
    public int[] zeros(CodeBuilder code, int count) {
        int[] sums = new int[count];
        species(code).invokestatic(type(), "zero", MethodTypeDesc.of(type(), ANY_SPECIES));
        for (int i = 0; i < count; i++) {
            sums[i] = code.allocateLocal(TypeKind.REFERENCE);
            if (i + 1 < count) {
                code.dup();
            }
            code.astore(sums[i]);
        }
        return sums;
    }

    /// `segment → segment`, known to lie [outside the Java heap][NativeMemory].
    public static CodeBuilder nativeMemory(CodeBuilder code) {
        return code.invokestatic(NATIVE, "of", MethodTypeDesc.of(SEGMENT, SEGMENT));
    }

    /// A new local variable with the segment that a parameter is, known to lie outside the Java heap.
    public static int nativeParameter(CodeBuilder code, int parameter) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        nativeMemory(code.aload(code.parameterSlot(parameter))).astore(local);
        return local;
    }

    /// `offset → offset + count·stride`, where the local variable `stride` holds a `long`.
    public static CodeBuilder plusRows(CodeBuilder code, int count, int stride) {
        return count == 0
                ? code
                : code.loadConstant((long) count).lload(stride).lmul().ladd();
    }

    private static CodeBuilder order(CodeBuilder code) {
        return code.invokestatic(ORDER, "nativeOrder", MethodTypeDesc.of(ORDER));
    }
}
