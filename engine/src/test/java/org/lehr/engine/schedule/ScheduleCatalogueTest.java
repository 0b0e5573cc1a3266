package org.lehr.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.apache.commons.math3.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleCatalogueTest {

    @Test
    void isInTheOrderOfNames() {
        List<String> names =
                ScheduleCatalogue.all().stream().map(ScheduleEntry::name).toList();
        assertEquals(names.stream().sorted().distinct().toList(), names);
        assertTrue(names.containsAll(List.of("cosine", "wsd", "restarts", "plateau", "auto-lrs")), names.toString());
    }

    @Test
    void namesOptionsAndMeaningsCanBeShown() {
        for (ScheduleFamily family : ScheduleCatalogue.families()) {
            assertTrue(family.name().matches("[a-z0-9-]+"), family.name());
            assertTrue(!family.meaning().isBlank() && family.meaning().length() <= 80, family.meaning());
            List<String> options =
                    family.options().stream().map(ScheduleFamily.Option::name).toList();
            assertEquals(options.stream().distinct().toList(), options, family.name());
            for (ScheduleFamily.Option common : ScheduleSpec.COMMON) {
                assertTrue(!options.contains(common.name()), family.name() + " hides " + common.name());
            }
        }
    }

    /// A release is a jar, so what is found in folders must be found there as well.
    @Test
    void findsTheSameInAJar(@TempDir Path folder) throws Exception {
        Path classes = Path.of(ScheduleCatalogue.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path jar = folder.resolve("engine with space.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes.resolve("org/lehr/engine"))) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = classes.relativize(file).toString().replace('\\', '/');
                if (name.contains("/schedule/") || name.contains("/io/")) {
                    entries.putNextEntry(new JarEntry(name));
                    Files.copy(file, entries);
                }
            }
        }
        URL[] places = {
            jar.toUri().toURL(),
            RealVector.class.getProtectionDomain().getCodeSource().getLocation()
        };
        try (URLClassLoader loader = new URLClassLoader(places, ClassLoader.getPlatformClassLoader())) {
            Class<?> inJar = loader.loadClass(ScheduleCatalogue.class.getName());
            assertNotSame(ScheduleCatalogue.class, inJar);
            List<?> found = (List<?>) inJar.getMethod("all").invoke(null);
            assertEquals(ScheduleCatalogue.all().size(), found.size());
            Class<?> entry = loader.loadClass(ScheduleEntry.class.getName());
            for (int i = 0; i < found.size(); i++) {
                assertEquals(
                        ScheduleCatalogue.all().get(i).name(),
                        entry.getMethod("name").invoke(found.get(i)));
            }
        }
    }
}
