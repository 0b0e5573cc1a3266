package org.lehr.engine.nn;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleFunction;
import java.util.function.LongFunction;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.provider.Arguments;

/// What must be refused: rows of a name, the value, and what uses it.
final class Refusal {

    private Refusal() {}

    /// A size that is none.
    static Stream<Arguments> sizes(String what, LongFunction<?> make) {
        return refused(what, make, 0, -3);
    }

    static Stream<Arguments> refused(String what, LongFunction<?> make, long... sizes) {
        return LongStream.of(sizes)
                .mapToObj(size -> Arguments.of(what, String.valueOf(size), (Executable) () -> make.apply(size)));
    }

    static Stream<Arguments> refusedNumbers(String what, DoubleFunction<?> make, double... numbers) {
        return DoubleStream.of(numbers)
                .mapToObj(x -> Arguments.of(what, String.valueOf(x), (Executable) () -> make.apply(x)));
    }

    /// The error begins with the operation and contains `part`.
    static void assertNames(String what, Executable run, String part) {
        String message = assertThrows(IllegalArgumentException.class, run, what).getMessage();
        assertTrue(message.matches("(?s)[a-zA-Z][a-zA-Z0-9 _-]*: .*"), what + " does not name itself: " + message);
        boolean scalar = part.equals("[]") && message.contains("a scalar");
        assertTrue(scalar || message.contains(part), what + " does not name " + part + ": " + message);
    }
}
