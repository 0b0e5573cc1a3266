package org.lehr.bench.harness;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;

/// All rows: those of the classes in the package `org.lehr.bench.rows`.
final class Catalog {

    private static final String PACKAGE = "org.lehr.bench.rows";
    private static final String SUFFIX = ".class";

    private Catalog() {}

    static List<Row> all() {
        List<Row> rows = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (Class<?> type : classes()) {
            if (Rows.class.isAssignableFrom(type)) {
                made(type).rows().forEach(rows::add);
            }
        }
        for (Row row : rows) {
            if (!names.add(row.name())) {
                throw new IllegalStateException("two rows are named " + row.name());
            }
        }
        return rows;
    }

    /// @throws NoSuchElementException when there is none
    static Row row(String name) {
        return all().stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException("no row is named " + name));
    }

    /// The rows whose names contain a match of `pattern`, a regular expression; letters' case does not matter.
    static List<Row> matching(String pattern) {
        Pattern wanted = Pattern.compile(pattern, Pattern.CASE_INSENSITIVE);
        return all().stream().filter(row -> wanted.matcher(row.name()).find()).toList();
    }

    private static Rows made(Class<?> type) {
        try {
            return (Rows) type.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName() + " needs a public constructor without parameters", e);
        }
    }

    private static List<Class<?>> classes() {
        try {
            Path root = Path.of(Rows.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            try (Stream<Path> files = Files.list(root.resolve(PACKAGE.replace('.', '/')))) {
                List<Class<?>> found = new ArrayList<>();
                for (Path file : files.sorted().toList()) {
                    String name = file.getFileName().toString();
                    if (name.endsWith(SUFFIX) && !name.contains("$") && !name.startsWith("package-info")) {
                        found.add(Class.forName(PACKAGE + "." + name.substring(0, name.length() - SUFFIX.length())));
                    }
                }
                return found;
            }
        } catch (IOException | URISyntaxException | ClassNotFoundException e) {
            throw new IllegalStateException("the classes of " + PACKAGE + " cannot be listed", e);
        }
    }
}
