package org.lehr.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lehr.cuda.ptx.PtxMachine;
import org.lehr.cuda.ptx.PtxModule;

/// The PTX that ships, its sources, and what is checked in about it.
class ShippedPtxTest {

    private static final Path SOURCES = Path.of("src/main/cuda");
    private static final Path RESOURCES = Path.of("src/main/resources/org/lehr/cuda");
    private static final Path REPORT = Path.of("PTXAS.md");
    private static final int DIGITS_IN_REPORT = 16;

    /// Files that are made anew: the smallest, as all take a minute. The digests speak for the others.
    private static final int MADE_ANEW = 2;

    @Test
    void theMachineUnderstandsAllOfIt() throws IOException {
        List<Path> files = list(RESOURCES, ".ptx");
        assertFalse(files.isEmpty());
        for (Path file : files) {
            PtxMachine machine = new PtxMachine(1 << 20);
            PtxModule module = machine.load(file.getFileName().toString(), Files.readString(file));
            assertFalse(module.kernels().isEmpty(), file::toString);
            module.kernels().forEach(module::kernel);
        }
    }

    @Test
    void isWhatTheCompilerGives() throws IOException, InterruptedException {
        assumeTool("nvcc");
        String complaints = run(withSmallest(SOURCES, ".cu", "./generate-ptx.sh", "--check"));
        assertTrue(complaints.isBlank(), complaints);
    }

    @Test
    void theReportIsAboutIt() throws IOException {
        String report = Files.readString(REPORT);
        for (Path file : list(RESOURCES, ".ptx")) {
            String digest = digest(file).substring(0, DIGITS_IN_REPORT);
            assertTrue(
                    report.contains("## " + name(file) + "\n\nOf the PTX with the digest `" + digest + "`."),
                    () -> name(file) + ": run ptxas-report.sh > PTXAS.md");
        }
    }

    @Test
    void theReportIsWhatTheAssemblerSays() throws IOException, InterruptedException {
        assumeTool("ptxas");
        String report = Files.readString(REPORT);
        for (String section :
                run(withSmallest(RESOURCES, ".ptx", "./ptxas-report.sh")).split("(?m)^## ")) {
            assertTrue(report.contains(section.strip()), () -> "run ptxas-report.sh > PTXAS.md for\n" + section);
        }
    }

    private static List<Path> list(Path folder, String end) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(end)).sorted().toList();
        }
    }

    private static List<String> withSmallest(Path folder, String end, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of(command));
        list(folder, end).stream()
                .sorted(Comparator.comparingLong(file -> file.toFile().length()))
                .limit(MADE_ANEW)
                .forEach(file -> all.add(name(file)));
        return all;
    }

    private static String name(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.indexOf('.'));
    }

    private static String digest(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assumeTool(String tool) {
        boolean there = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
        if (!there) {
            System.out.println("skipped: there is no " + tool + " on this machine");
        }
        assumeTrue(there);
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
