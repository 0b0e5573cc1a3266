package org.lehr.kernels.fusion;

import static java.lang.constant.ConstantDescs.CD_Class;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static org.lehr.kernels.lanes.VectorCode.SEGMENT;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.util.Collections;
import java.util.List;
import org.lehr.kernels.lanes.GeneratedKernel;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.VectorCode;
import org.lehr.kernels.pointwise.BinaryLanes;
import org.lehr.kernels.pointwise.BinaryOp;
import org.lehr.kernels.pointwise.TernaryLanes;
import org.lehr.kernels.pointwise.TernaryOp;
import org.lehr.kernels.pointwise.UnaryLanes;
import org.lehr.kernels.pointwise.UnaryOp;

/// Writes the class of one [FusedLoop]. For `relu(a·b + c)` over lanes it says
///
/// ```java
/// BinaryLanes body0 = (BinaryLanes) MUL.cast(bodies[0]);   // MUL, ADD, RELU: constant classes
/// ...
/// MemorySegment memory0 = NativeMemory.of(memory[0]);
/// long place0 = places[0];
/// ...
/// for (int i = 0; i < n; i += LANES) {
///     FloatVector v0 = FloatVector.fromMemorySegment(F32, memory0, place0 + 4L * i, ORDER);
///     ...
///     FloatVector v3 = body0.apply(v0, v1);
///     FloatVector v4 = body1.apply(v3, v2);
///     FloatVector v5 = body2.apply(v4);
///     v5.intoMemorySegment(memory3, place3 + 4L * i, ORDER);
/// }
/// ```
///
/// The casts tell the compiler the exact receivers, so that it inlines every body (the way of
/// [org.lehr.kernels.pointwise]'s own loops); repeated values are loaded before the loop. Over float64 a value is a
/// `double` and a body the operation itself.
final class LoopWriter {

    private static final ClassDesc LAYOUT = desc(ValueLayout.class);
    private static final ClassDesc DOUBLES = desc(ValueLayout.OfDouble.class);
    private static final VectorCode FLOATS = new VectorCode(false);
    private static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.FloatVector");
    private static final MethodTypeDesc RUN =
            MethodTypeDesc.of(CD_void, CD_Object.arrayType(), SEGMENT.arrayType(), CD_long.arrayType(), CD_int);
    private static final List<Class<?>> LANES = List.of(UnaryLanes.class, BinaryLanes.class, TernaryLanes.class);
    private static final List<Class<?>> OPS = List.of(UnaryOp.class, BinaryOp.class, TernaryOp.class);
    private static final int BODIES = 1;
    private static final int MEMORY = 2;
    private static final int PLACES = 3;
    private static final int COUNT = 4;

    private final LoopShape shape;
    private final CodeBuilder code;
    private final int[] bodies;
    private final int[] memory;
    private final int[] places;
    private final int[] values;
    private final int index;

    private LoopWriter(LoopShape shape, CodeBuilder code) {
        this.shape = shape;
        this.code = code;
        int runs = shape.loads() + shape.results().size();
        bodies = locals(shape.code().size(), TypeKind.REFERENCE);
        memory = locals(runs, TypeKind.REFERENCE);
        places = locals(runs, TypeKind.LONG);
        values = locals(shape.loads() + shape.code().size(), shape.lanes() ? TypeKind.REFERENCE : TypeKind.DOUBLE);
        index = code.allocateLocal(TypeKind.INT);
    }

    /// Makes the loop of this shape.
    static FusedLoop loop(LoopShape shape) {
        List<Class<?>> classes =
                shape.code().stream().<Class<?>>map(LoopShape.Instruction::body).toList();
        return GeneratedKernel.make(
                MethodHandles.lookup(),
                FusedLoop.class,
                "GeneratedLoop",
                RUN,
                code -> new LoopWriter(shape, code).write(),
                classes);
    }

    private void write() {
        for (int k = 0; k < bodies.length; k++) {
            body(k);
        }
        for (int k = 0; k < memory.length; k++) {
            code.aload(MEMORY).loadConstant(k).aaload();
            VectorCode.nativeMemory(code).astore(memory[k]);
            code.aload(PLACES).loadConstant(k).laload().lstore(places[k]);
        }
        for (int v = 0; v < shape.loads(); v++) {
            if (shape.repeated().get(v)) {
                load(v, false);
            }
        }
        Label next = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(index);
        code.labelBinding(next).iload(index).iload(COUNT).if_icmpge(end);
        for (int v = 0; v < shape.loads(); v++) {
            if (!shape.repeated().get(v)) {
                load(v, true);
            }
        }
        for (int k = 0; k < bodies.length; k++) {
            instruction(k);
        }
        for (int r = 0; r < shape.results().size(); r++) {
            store(shape.results().get(r), shape.loads() + r);
        }
        code.iinc(index, shape.lanes() ? Lanes.bits() / Float.SIZE : 1).goto_(next);
        code.labelBinding(end).return_();
    }

    /// Takes body `k`, whose class the compiler then knows.
    private void body(int k) {
        code.loadConstant(
                DynamicConstantDesc.ofNamed(ConstantDescs.BSM_CLASS_DATA_AT, ConstantDescs.DEFAULT_NAME, CD_Class, k));
        code.aload(BODIES).loadConstant(k).aaload();
        code.invokevirtual(CD_Class, "cast", MethodTypeDesc.of(CD_Object, CD_Object));
        code.checkcast(bodyType(k)).astore(bodies[k]);
    }

    private void instruction(int k) {
        List<Integer> operands = shape.code().get(k).operands();
        ClassDesc value = shape.lanes() ? VECTOR : CD_double;
        code.aload(bodies[k]);
        operands.forEach(this::value);
        code.invokeinterface(
                bodyType(k), "apply", MethodTypeDesc.of(value, Collections.nCopies(operands.size(), value)));
        keep(shape.loads() + k);
    }

    private void load(int v, boolean moving) {
        if (shape.lanes()) {
            FLOATS.species(code).aload(memory[v]);
            address(v, moving);
            FLOATS.load(code);
        } else {
            code.aload(memory[v]).getstatic(LAYOUT, "JAVA_DOUBLE_UNALIGNED", DOUBLES);
            address(v, moving);
            code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(CD_double, DOUBLES, CD_long));
        }
        keep(v);
    }

    private void store(int v, int run) {
        if (shape.lanes()) {
            value(v);
            code.aload(memory[run]);
            address(run, true);
            FLOATS.store(code);
        } else {
            code.aload(memory[run]).getstatic(LAYOUT, "JAVA_DOUBLE_UNALIGNED", DOUBLES);
            address(run, true);
            value(v);
            code.invokeinterface(SEGMENT, "set", MethodTypeDesc.of(CD_void, DOUBLES, CD_long, CD_double));
        }
    }

    private void address(int run, boolean moving) {
        code.lload(places[run]);
        if (moving) {
            code.loadConstant(shape.lanes() ? 4L : 8L).iload(index).i2l().lmul().ladd();
        }
    }

    private void value(int v) {
        if (shape.lanes()) {
            code.aload(values[v]);
        } else {
            code.dload(values[v]);
        }
    }

    private void keep(int v) {
        if (shape.lanes()) {
            code.astore(values[v]);
        } else {
            code.dstore(values[v]);
        }
    }

    private ClassDesc bodyType(int k) {
        int arity = shape.code().get(k).operands().size();
        return desc((shape.lanes() ? LANES : OPS).get(arity - 1));
    }

    private int[] locals(int count, TypeKind kind) {
        int[] slots = new int[count];
        for (int k = 0; k < count; k++) {
            slots[k] = code.allocateLocal(kind);
        }
        return slots;
    }

    private static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }
}
