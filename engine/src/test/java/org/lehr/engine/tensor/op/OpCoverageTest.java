package org.lehr.engine.tensor.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.tensor.Node;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;

/// Every operation of the package stands in the graph of some sample, or is named by one.
final class OpCoverageTest {

    @Test
    void everyOperationHasASample() throws ReflectiveOperationException {
        Set<String> seen = new TreeSet<>();
        List<Class<?>> contracts = classesBeside(OpCoverageTest.class)
                .filter(OpContract.class::isAssignableFrom)
                .filter(type -> !type.isInterface())
                .toList();
        for (Class<?> contract : contracts) {
            Constructor<?> constructor = contract.getDeclaredConstructor();
            ((OpContract) constructor.newInstance()).samples().forEach(sample -> collect(sample, seen));
        }
        Set<String> expected = new TreeSet<>();
        classesBeside(Add.class)
                .filter(Op.class::isAssignableFrom)
                .filter(type -> !type.isInterface())
                .forEach(type -> expected.add(type.getSimpleName()));
        assertTrue(expected.size() > 40, () -> "only found " + expected);
        expected.removeAll(seen);
        assertEquals(Set.of(), expected, "operations without a sample");
    }

    /// The operations of the result's graph, and of the graph of its gradients.
    private static void collect(Sample sample, Set<String> seen) {
        sample.named().forEach(type -> seen.add(type.getSimpleName()));
        if (sample.kind() == Sample.Kind.LARGE) {
            return;
        }
        Tensor[] leaves = Arrays.stream(sample.inputs())
                .map(x -> x.dtype().isFloating() ? x.requiringGradient() : x)
                .toArray(Tensor[]::new);
        Tensor y = sample.function().apply(leaves);
        walk(y, seen);
        if (y.requiresGradient()) {
            List<Tensor> wanted =
                    Arrays.stream(leaves).filter(Tensor::requiresGradient).toList();
            Autograd.gradient(List.of(y.square().sum()), wanted, true).forEach(gradient -> walk(gradient, seen));
        }
    }

    private static void walk(Tensor result, Set<String> seen) {
        Deque<Node> open = new ArrayDeque<>();
        Set<Node> known = Collections.newSetFromMap(new IdentityHashMap<>());
        if (result.node() != null) {
            open.push(result.node());
        }
        while (!open.isEmpty()) {
            Node node = open.pop();
            if (known.add(node)) {
                seen.add(node.op().getClass().getSimpleName());
                for (int i = 0; i < node.call().count(); i++) {
                    if (node.producer(i) != null) {
                        open.push(node.producer(i));
                    }
                }
            }
        }
    }

    private static Stream<Class<?>> classesBeside(Class<?> type) {
        try {
            Path folder = Path.of(
                            type.getResource(type.getSimpleName() + ".class").toURI())
                    .getParent();
            try (Stream<Path> files = Files.list(folder)) {
                return files
                        .map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(".class") && !name.contains("$") && !name.contains("-"))
                        .sorted()
                        .toList()
                        .stream()
                        .map(name -> named(type.getPackageName() + "." + name.substring(0, name.length() - 6)));
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        } catch (URISyntaxException strange) {
            throw new IllegalStateException(strange);
        }
    }

    private static Class<?> named(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException missing) {
            throw new IllegalStateException(missing);
        }
    }
}
