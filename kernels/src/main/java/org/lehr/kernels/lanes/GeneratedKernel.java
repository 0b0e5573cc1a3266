package org.lehr.kernels.lanes;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.function.Consumer;

/// Makes kernels whose code is written with the class-file API: hidden classes with one method, `run`.
public final class GeneratedKernel {

    private GeneratedKernel() {}

    /// An instance of a new class beside `contract`, which it implements.
    ///
    /// @param home a lookup in the package of `contract`
    /// @param name the simple name of the class, as stack traces show it
    /// @param run the type of `run`
    /// @param body writes the code of `run`
    /// @param constants what the code loads as class data
    /// @throws IllegalStateException when there can be no such class, with its name
    public static <T> T make(
            MethodHandles.Lookup home,
            Class<T> contract,
            String name,
            MethodTypeDesc run,
            Consumer<CodeBuilder> body,
            List<?> constants) {
        byte[] bytes = ClassFile.of()
                .build(
                        ClassDesc.of(contract.getPackageName(), name),
                        made -> made.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL)
                                .withInterfaceSymbols(ClassDesc.of(contract.getName()))
                                .withMethodBody(
                                        INIT_NAME,
                                        MTD_void,
                                        ClassFile.ACC_PUBLIC,
                                        code -> code.aload(0)
                                                .invokespecial(CD_Object, INIT_NAME, MTD_void)
                                                .return_())
                                .withMethodBody("run", run, ClassFile.ACC_PUBLIC, body::accept));
        try {
            Class<?> made =
                    home.defineHiddenClassWithClassData(bytes, constants, true).lookupClass();
            return contract.cast(made.getDeclaredConstructor().newInstance());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make the kernel " + name + " in " + contract.getPackageName(), e);
        }
    }
}
