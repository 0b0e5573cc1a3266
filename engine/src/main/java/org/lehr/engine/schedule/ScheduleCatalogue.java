package org.lehr.engine.schedule;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// All that there is, by name. Nobody keeps a list: the class files of this package and those below it are looked
/// through for constants of the type [ScheduleEntry], in a folder, a jar or a runtime image.
public final class ScheduleCatalogue {

    private static final List<ScheduleEntry> ENTRIES = find();

    private ScheduleCatalogue() {}

    /// Everything, in the order of names.
    public static List<ScheduleEntry> all() {
        return ENTRIES;
    }

    /// What specifications can name, in the order of names.
    public static List<ScheduleFamily> families() {
        return ENTRIES.stream()
                .filter(ScheduleFamily.class::isInstance)
                .map(ScheduleFamily.class::cast)
                .toList();
    }

    private static List<ScheduleEntry> find() {
        try {
            URI here = ScheduleCatalogue.class
                    .getResource(ScheduleCatalogue.class.getSimpleName() + ".class")
                    .toURI();
            if (!here.getScheme().equals("jar")) {
                return entries(Path.of(here).getParent());
            }
            String[] parts = here.getRawSchemeSpecificPart().split("!", 2);
            try (FileSystem jar = FileSystems.newFileSystem(Path.of(URI.create(parts[0])))) {
                return entries(jar.getPath(parts[1]).getParent());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("schedules: the class files cannot be read", e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("schedules: the class files cannot be found", e);
        }
    }

    private static List<ScheduleEntry> entries(Path folder) throws IOException {
        List<ScheduleEntry> entries = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted().toList()) {
                String path = folder.relativize(file).toString().replace('\\', '/');
                if (path.endsWith(".class") && !path.contains("$") && !path.endsWith("package-info.class")) {
                    String name = path.substring(0, path.length() - ".class".length());
                    addConstants(ScheduleCatalogue.class.getPackageName() + "." + name.replace('/', '.'), entries);
                }
            }
        }
        entries.sort(Comparator.comparing(ScheduleEntry::name));
        for (int i = 1; i < entries.size(); i++) {
            if (entries.get(i).name().equals(entries.get(i - 1).name())) {
                throw new IllegalStateException(
                        "schedules: two have the name " + entries.get(i).name());
            }
        }
        return List.copyOf(entries);
    }

    private static void addConstants(String className, List<ScheduleEntry> entries) {
        try {
            Class<?> type = Class.forName(className, false, ScheduleCatalogue.class.getClassLoader());
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && ScheduleEntry.class.isAssignableFrom(field.getType())) {
                    field.setAccessible(true);
                    entries.add((ScheduleEntry) field.get(null));
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("schedules: " + className + " cannot be looked into", e);
        }
    }
}
