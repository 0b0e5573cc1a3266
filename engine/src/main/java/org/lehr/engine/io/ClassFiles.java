package org.lehr.engine.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The classes of a package, found by their files, so that nobody keeps a list of them.
public final class ClassFiles {

    private ClassFiles() {}

    /// The classes in the package of `anchor` and in those below it, in the order of their names, whether they lie
    /// in a
    /// folder, a jar or a runtime image. Nested classes are left out; none is initialised.
    public static List<Class<?>> below(Class<?> anchor) {
        try {
            URI here = anchor.getResource(anchor.getSimpleName() + ".class").toURI();
            if (!here.getScheme().equals("jar")) {
                return classes(anchor, Path.of(here).getParent());
            }
            String[] parts = here.getRawSchemeSpecificPart().split("!", 2);
            try (FileSystem jar = FileSystems.newFileSystem(Path.of(URI.create(parts[0])))) {
                return classes(anchor, jar.getPath(parts[1]).getParent());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the class files beside " + anchor.getName() + " cannot be read", e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the class files beside " + anchor.getName() + " cannot be found", e);
        }
    }

    private static List<Class<?>> classes(Class<?> anchor, Path folder) throws IOException {
        List<Class<?>> classes = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted().toList()) {
                String path = folder.relativize(file).toString().replace('\\', '/');
                if (path.endsWith(".class") && !path.contains("$") && !path.endsWith("package-info.class")) {
                    String name =
                            path.substring(0, path.length() - ".class".length()).replace('/', '.');
                    classes.add(Class.forName(anchor.getPackageName() + "." + name, false, anchor.getClassLoader()));
                }
            }
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("a class file beside " + anchor.getName() + " holds another class", e);
        }
        return List.copyOf(classes);
    }
}
