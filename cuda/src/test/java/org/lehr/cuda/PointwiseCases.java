package org.lehr.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.pointwise.PointwiseOp;

/// Every pointwise operation there is, for every dtype that it takes; copies between all dtypes; fills and ranges.
final class PointwiseCases {

    /// What is one rounded operation, or none, so that the bits are the host's.
    private static final Set<String> EXACT = Set.of(
            "abs",
            "add",
            "add_scalar",
            "ceil",
            "clamp",
            "clamp_grad",
            "div",
            "eq",
            "floor",
            "floor_divide",
            "gt",
            "ge",
            "isfinite",
            "isinf",
            "isnan",
            "leaky_relu",
            "lt",
            "le",
            "logical_and",
            "logical_not",
            "logical_or",
            "logical_xor",
            "maximum",
            "minimum",
            "mul",
            "mul_scalar",
            "ne",
            "neg",
            "reciprocal",
            "relu",
            "relu_grad",
            "remainder",
            "round",
            "sign",
            "sqrt",
            "square",
            "sub",
            "where");

    private PointwiseCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (PointwiseOp op : operations()) {
            for (DType dtype : DType.values()) {
                if (takes(op, dtype)) {
                    cases.add(map(op, dtype));
                }
            }
        }
        for (DType from : DType.values()) {
            for (DType to : DType.values()) {
                cases.add(new Case("copy", from + " to " + to, 0, scene -> {
                    View in = from.isFloating() ? scene.special(from, 5, 7) : scene.strided(from, 5, 7);
                    scene.backend().pointwise().copy(scene.stridedOutput(to, 5, 7), in);
                }));
            }
            cases.add(new Case(
                    "fill",
                    from.toString(),
                    0,
                    scene -> scene.backend().pointwise().fill(scene.stridedOutput(from, 3, 5), 1.7)));
            if (from != DType.BOOL) {
                cases.add(new Case(
                        "range",
                        from.toString(),
                        0,
                        scene -> scene.backend().pointwise().range(scene.output(from, 37), 3, 0.25)));
            }
        }
        cases.add(new Case(
                "copy",
                "of seven dimensions",
                0,
                scene -> scene.backend()
                        .pointwise()
                        .copy(
                                scene.output(DType.FLOAT32, 2, 1, 3, 2, 1, 2, 2),
                                scene.strided(DType.FLOAT32, 2, 1, 3, 2, 1, 2, 2))));
        return cases;
    }

    /// Strided inputs, one of them repeated along the first dimension; and an empty call beside it.
    private static Case map(PointwiseOp op, DType dtype) {
        boolean exact = EXACT.contains(op.name());
        return new Case(op.name(), dtype.toString(), exact ? 0 : 16, scene -> {
            run(scene, op, dtype, exact, 3, 1, 19);
            run(scene, op, dtype, exact, 3, 0);
        });
    }

    private static void run(Scene scene, PointwiseOp op, DType dtype, boolean exact, long... shape) {
        View[] inputs = new View[op.arity()];
        DType[] types = new DType[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            types[i] = op.name().equals("where") && i == 0 ? DType.BOOL : dtype;
            boolean divisor = i == 1
                    && !dtype.isFloating()
                    && (op.name().equals("floor_divide") || op.name().equals("remainder"));
            inputs[i] = divisor
                    ? scene.dense(dtype, filled(3, shape), shape)
                    : exact && types[i].isFloating() ? scene.special(types[i], shape) : scene.strided(types[i], shape);
        }
        scene.backend().pointwise().map(op, scene.stridedOutput(op.resultType(types), shape), inputs);
    }

    private static double[] filled(double value, long... shape) {
        double[] values = new double[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        Arrays.fill(values, value);
        return values;
    }

    private static boolean takes(PointwiseOp op, DType dtype) {
        DType[] types = new DType[op.arity()];
        Arrays.fill(types, dtype);
        if (op.name().equals("where")) {
            types[0] = DType.BOOL;
        }
        try {
            op.resultType(types);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// One of each class of the package that is an operation: its constant, or a record of constants.
    static List<PointwiseOp> operations() {
        try {
            URI home = PointwiseOp.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
            if (Files.isDirectory(Path.of(home))) {
                return operations(Path.of(home));
            }
            try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + home), Map.of())) {
                return operations(jar.getPath("/"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<PointwiseOp> operations(Path root) throws IOException {
        String folder = PointwiseOp.class.getPackageName().replace('.', '/');
        try (Stream<Path> files = Files.list(root.resolve(folder))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.contains("$"))
                    .sorted()
                    .map(name -> PointwiseOp.class.getPackageName() + "." + name.substring(0, name.length() - 6))
                    .flatMap(PointwiseCases::instance)
                    .toList();
        }
    }

    private static Stream<PointwiseOp> instance(String name) {
        try {
            Class<?> type = Class.forName(name);
            if (!PointwiseOp.class.isAssignableFrom(type) || type.isInterface()) {
                return Stream.empty();
            }
            if (!type.isRecord()) {
                return Stream.of((PointwiseOp) type.getField("OP").get(null));
            }
            Constructor<?> constructor = type.getDeclaredConstructors()[0];
            Object[] constants = {0.5, 1.5};
            return Stream.of(
                    (PointwiseOp) constructor.newInstance(Arrays.copyOf(constants, constructor.getParameterCount())));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(name, e);
        }
    }
}
