package org.lehr.kernels.pointwise;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;

/// Makes one copy of a loop per class of operation.
///
/// A loop that is shared by all operations calls their body through an interface; the compiler sees many receivers,
/// does not
/// inline, and a vector that passes a call is an object on the heap. So the class file of the loop is a template: it is
/// defined again as a hidden class for each class of body, which the copy knows as a constant. In the copy the
/// cast to that constant tells the compiler the exact receiver, so the body is always inlined, whatever ran before.
///
/// Operations with parameters (`Clamp(0, 1)`, `Clamp(0, 6)`) are one class and share one copy; parameters are fields
/// of the body and stay outside the loop.
final class Loops extends ClassValue<Loop> {

    /// Copies of [LaneLoop], for bodies that are `UnaryLanes` and the like.
    static final Loops LANES = new Loops("LaneLoop.class");

    /// Copies of [Float64Loop], for operations.
    static final Loops FLOAT64 = new Loops("Float64Loop.class");

    /// Copies of [Int64Loop], for operations.
    static final Loops INT64 = new Loops("Int64Loop.class");

    private final String template;

    private Loops(String template) {
        this.template = template;
    }

    @Override
    protected Loop computeValue(Class<?> body) {
        try (InputStream file = Loops.class.getResourceAsStream(template)) {
            if (file == null) {
                throw new IllegalStateException("the class file " + template + " is missing beside Loops.class");
            }
            MethodHandles.Lookup copy =
                    MethodHandles.lookup().defineHiddenClassWithClassData(file.readAllBytes(), body, true);
            return (Loop) copy.lookupClass().getDeclaredConstructor().newInstance();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + template, e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make a loop for " + body.getName(), e);
        }
    }

    /// The class that the copy `loop` was made for; null in the template itself.
    static Class<?> bodyOf(MethodHandles.Lookup loop) {
        try {
            return MethodHandles.classData(loop, "_", Class.class);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("cannot read the class data of " + loop.lookupClass(), e);
        }
    }
}
