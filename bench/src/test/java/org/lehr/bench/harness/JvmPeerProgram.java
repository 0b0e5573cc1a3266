package org.lehr.bench.harness;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The program of another engine's measuring process, `bench/peers`, built when it is first asked for.
///
/// @param version that of the engine
record JvmPeerProgram(String classPath, String mainClass, String version) {

    private static final Map<String, String> MAIN =
            Map.of("djl", "org.lehr.peers.djl.Djl", "nd4j", "org.lehr.peers.nd4j.Nd4j");
    private static final Pattern VERSION =
            Pattern.compile("/(?:pytorch-engine|nd4j-native)-([0-9][^/:]*?)(?:-linux[^/:]*)?\\.jar");

    /// @throws IllegalStateException when it cannot be built, for instance because a download failed
    static JvmPeerProgram of(String engine) {
        Path folder = ResultsPage.location().resolveSibling("peers");
        Path built = folder.resolve("target").resolve(engine);
        try {
            Files.createDirectories(built);
            File log = built.resolve("build.log").toFile();
            if (build(folder, engine, log, "-o") != 0 && build(folder, engine, log, "-U") != 0) {
                throw new IllegalStateException("the peer cannot be built; see " + log);
            }
            String libraries = Files.readString(built.resolve("classpath.txt")).strip();
            Matcher version = VERSION.matcher(libraries);
            return new JvmPeerProgram(
                    built.resolve("classes") + File.pathSeparator + libraries,
                    MAIN.get(engine),
                    version.find() ? version.group(1) : "of unknown version");
        } catch (IOException e) {
            throw new UncheckedIOException("the peer cannot be built in " + built, e);
        }
    }

    private static int build(Path folder, String engine, File log, String mode) throws IOException {
        String maven = System.getenv().getOrDefault("LEHR_MVN", "mvn");
        List<String> command = List.of(
                maven,
                "-q",
                "-B",
                mode,
                "-f",
                folder.resolve("pom.xml").toString(),
                "-Dpeer=" + engine,
                "-Dspotless.check.skip",
                "compile",
                "dependency:build-classpath",
                "-Dmdep.outputFile=target/" + engine + "/classpath.txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(log);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        try {
            return builder.start().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
