package org.lehr.engine.distributed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Processes under `mpirun`.
@Timeout(180)
final class MpiGroupTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void needsOpenMpi() {
        boolean found = List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
                .anyMatch(place -> Files.isExecutable(Path.of(place, "mpirun")));
        if (!found) {
            System.out.println("skipped: MpiGroupTest needs mpirun (Debian: openmpi-bin)");
        }
        assumeTrue(found, "needs mpirun");
    }

    private record Ended(int code, String text) {
        List<String> lines(String first) {
            return text.lines().filter(line -> line.startsWith(first)).toList();
        }
    }

    private Ended run(int ranks, String what, int patience) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        "mpirun",
                        "--oversubscribe",
                        "--allow-run-as-root",
                        "-np",
                        Integer.toString(ranks),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-Dlehr.threads=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MpiRanks.class.getName(),
                        what,
                        Integer.toString(patience)))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Process process = builder.start();
        if (!process.waitFor(150, TimeUnit.SECONDS)) {
            process.destroy();
        }
        return new Ended(process.waitFor(), Files.readString(output, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7})
    void processesKeepTheContractWithTheBitsOfThreads(int ranks) throws IOException, InterruptedException {
        Ended ended = run(ranks, "contract", 60_000);
        assertEquals(0, ended.code, ended.text);
        double expected = LocalGroup.of(ranks).run(CommunicatorContract::check).getFirst();
        String line = "sums " + Long.toHexString(Double.doubleToLongBits(expected));
        assertEquals(Collections.nCopies(ranks, line), ended.lines("sums"), ended.text);
    }

    @Test
    void largeTensorsGoInRendezvous() throws IOException, InterruptedException {
        Ended ended = run(3, "large", 60_000);
        assertEquals(List.of("large 6.0 6.0", "large 6.0 6.0", "large 6.0 6.0"), ended.lines("large"), ended.text);
    }

    private void assertFails(String what, String... parts) throws IOException, InterruptedException {
        Ended ended = run(2, what, 1500);
        assertTrue(ended.code != 0, ended.text);
        List<String> lines = ended.lines("failed");
        assertTrue(!lines.isEmpty(), ended.text);
        for (String part : parts) {
            assertTrue(lines.getFirst().contains(part), () -> "'" + part + "' is not in: " + lines);
        }
    }

    @Test
    void misuseIsNamed() throws IOException, InterruptedException {
        assertFails("mismatch", "all-reduce 0 (sum) of float32[10]", "float32[11]", "rank 0", "rank 1");
    }

    @Test
    void aRankThatHasLeftIsNamed() throws IOException, InterruptedException {
        assertFails("leave", "barrier 0", "rank 1 has left");
    }

    @Test
    void aRankThatIsLateIsNamed() throws IOException, InterruptedException {
        assertFails("late", "barrier 0: rank 0 has waited 1500 ms for rank 1, which has sent nothing");
    }
}
