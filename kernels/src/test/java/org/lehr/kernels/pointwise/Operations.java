package org.lehr.kernels.pointwise;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// All operations of the package, found among its class files; those with parameters with some chosen ones.
final class Operations {

    private static final Map<String, double[]> PARAMETERS = Map.of(
            "Clamp", new double[] {-0.75, 1.25},
            "ClampGrad", new double[] {-0.75, 1.25},
            "Affine", new double[] {1.7, -0.3});

    private Operations() {}

    static List<PointwiseOp> all() {
        try {
            Path classes = Path.of(PointwiseOp.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .resolve(PointwiseOp.class.getPackageName().replace('.', '/'));
            try (Stream<Path> files = Files.list(classes)) {
                return files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(".class") && !name.contains("$"))
                        .sorted()
                        .map(name -> load(name.replace(".class", "")))
                        .filter(type -> PointwiseOp.class.isAssignableFrom(type) && !type.isInterface())
                        .map(Operations::make)
                        .toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Class<?> load(String name) {
        try {
            // Not initialised: some classes of the package need the Vector API for that.
            String full = PointwiseOp.class.getPackageName() + "." + name;
            return Class.forName(full, false, PointwiseOp.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static PointwiseOp make(Class<?> type) {
        try {
            if (!type.isRecord()) {
                return (PointwiseOp) type.getField("OP").get(null);
            }
            RecordComponent[] components = type.getRecordComponents();
            double[] values = PARAMETERS.getOrDefault(type.getSimpleName(), new double[] {2.0});
            Constructor<?> constructor = Arrays.stream(type.getDeclaredConstructors())
                    .filter(each ->
                            Modifier.isPublic(each.getModifiers()) && each.getParameterCount() == components.length)
                    .findFirst()
                    .orElseThrow();
            return (PointwiseOp)
                    constructor.newInstance(Arrays.stream(values).boxed().toArray());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName(), e);
        }
    }
}
