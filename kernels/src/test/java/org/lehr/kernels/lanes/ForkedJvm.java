package org.lehr.kernels.lanes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs a main class of the test class path in a virtual machine of its own, for what is decided once at start:
/// vector widths, missing modules, memory limits, exit codes.
public final class ForkedJvm {

    /// The module that vector kernels need on the class path.
    public static final String VECTOR_MODULE = "--add-modules=jdk.incubator.vector";

    /// What came of it: the exit code, and standard output and error together.
    public record Result(int exitCode, String output) {}

    private ForkedJvm() {}

    /// Runs `main` to its end with the given options of the virtual machine (none is inherited).
    public static Result run(Class<?> main, List<String> jvmOptions, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output);
        } catch (IOException e) {
            throw new IllegalStateException("cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + command, e);
        }
    }
}
