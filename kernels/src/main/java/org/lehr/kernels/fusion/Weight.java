package org.lehr.kernels.fusion;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.reflect.AccessFlag;

/// How much the body of an operation computes, in vector operations: the calls into the Vector API that its class file
/// shows, those of the functions that it calls included. A call to anything else in the JDK, such as `Math.tanh`,
/// counts as [#CALL]. A body whose class file cannot be found counts as [#UNKNOWN].
final class Weight {

    /// What a loop may hold before one more operation: beyond it the compiler stops inlining our methods (though
    /// not those of the Vector API), and vectors become objects on the heap.
    static final int LOOP = 20;

    /// The same before an operation that is not [#LIGHT], which calls methods of its own.
    static final int EARLY = 12;

    /// A value that costs more is not computed twice.
    static final int LIGHT = 12;

    static final int UNKNOWN = 26;
    private static final int CALL = 6;
    private static final int DEPTH = 6;

    private static final ClassValue<Integer> BODIES = new ClassValue<>() {
        @Override
        protected Integer computeValue(Class<?> body) {
            return weigh(body, body.getName().replace('.', '/'), "apply", null, DEPTH);
        }
    };

    private Weight() {}

    /// Of a class with a method `apply`.
    static int of(Class<?> body) {
        return BODIES.get(body);
    }

    private static int weigh(Class<?> body, String owner, String name, String type, int depth) {
        ClassModel model = depth == 0 ? null : read(body, owner);
        if (model == null) {
            return UNKNOWN;
        }
        for (MethodModel method : model.methods()) {
            boolean named = method.methodName().equalsString(name)
                    && (type == null || method.methodType().equalsString(type))
                    && !method.flags().has(AccessFlag.BRIDGE);
            if (named && method.code().isPresent()) {
                return weigh(body, method.code().get(), depth);
            }
        }
        return UNKNOWN;
    }

    private static int weigh(Class<?> body, CodeModel code, int depth) {
        int weight = 0;
        for (CodeElement element : code) {
            if (element instanceof InvokeInstruction call) {
                String owner = call.owner().asInternalName();
                if (owner.startsWith("jdk/incubator/vector/")) {
                    weight++;
                } else if (owner.startsWith("java/")) {
                    weight += CALL;
                } else {
                    weight += weigh(
                            body, owner, call.name().stringValue(), call.type().stringValue(), depth - 1);
                }
            }
        }
        return weight;
    }

    private static ClassModel read(Class<?> body, String owner) {
        try (InputStream file = body.getResourceAsStream("/" + owner + ".class")) {
            return file == null ? null : ClassFile.of().parse(file.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the class file of " + owner, e);
        }
    }
}
