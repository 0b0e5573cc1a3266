package org.lehr.engine.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// Runs a script with the machine's Python and NumPy, or skips the test with the reason where there is none.
final class NumPy {

    private static final boolean AVAILABLE = available();

    private NumPy() {}

    static String run(Path folder, String script) throws IOException, InterruptedException {
        Assumptions.assumeTrue(AVAILABLE, "python3 with numpy is not on this machine");
        Process python = python(folder, "import numpy as np, zipfile, sys\n" + script);
        String output = new String(python.getInputStream().readAllBytes());
        Assertions.assertTrue(python.waitFor(60, TimeUnit.SECONDS), "python3 did not end");
        Assertions.assertEquals(0, python.exitValue(), output);
        return output.strip();
    }

    private static Process python(Path folder, String script) throws IOException {
        return new ProcessBuilder("python3", "-c", script)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
    }

    private static boolean available() {
        try {
            return python(Path.of("."), "import numpy").waitFor() == 0;
        } catch (IOException noPython) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
