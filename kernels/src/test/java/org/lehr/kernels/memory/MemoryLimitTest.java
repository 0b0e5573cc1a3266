package org.lehr.kernels.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.kernels.lanes.ForkedJvm;

class MemoryLimitTest {

    private static final long MACHINE = 10_000;

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "1000000, 1000000",
        "3k, 3072",
        "512m, 536870912",
        "4g, 4294967296",
        "4G, 4294967296",
        "4GB, 4294967296",
        "4GiB, 4294967296",
        "1t, 1099511627776",
        "60%, 6000",
        "0.5%, 50",
        "100%, 10000",
        "' 2k ', 2048"
    })
    void sizesAndShares(String text, long bytes) {
        assertEquals(bytes, MemoryLimit.parse(text, MACHINE));
    }

    @Test
    void withoutPropertyItIsAShareOfTheMachine() {
        assertEquals(6000, MemoryLimit.parse(null, MACHINE));
        assertTrue(MemoryLimit.machineBytes() > 1 << 27);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-5", "much", "4x", "101%", "0%", "%", "1e9", "999999999999999g", "1.5g"})
    void anythingElseIsNamed(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> MemoryLimit.parse(text, MACHINE))
                .getMessage();
        assertEquals(
                "lehr.memory: expected bytes (1000000, 512m, 4g) or a share of the memory (60%), got '" + text + "'",
                message);
    }

    @Test
    void formatIsForPeople() {
        assertEquals("0 bytes", ByteSize.format(0));
        assertEquals("1023 bytes", ByteSize.format(1023));
        assertEquals("1.0 KiB", ByteSize.format(1024));
        assertEquals("3.0 MiB", ByteSize.format(3 << 20));
        assertEquals("1.5 GiB", ByteSize.format(3L << 29));
    }

    @Test
    void hostPoolObeysTheProperty() {
        ForkedJvm.Result good = ForkedJvm.run(PrintLimit.class, List.of("-Dlehr.memory=7m"));
        assertTrue(good.output().contains("limit 7340032"), good::output);
        ForkedJvm.Result bad = ForkedJvm.run(PrintLimit.class, List.of("-Dlehr.memory=lots"));
        assertTrue(bad.output().contains("IllegalArgumentException: lehr.memory: expected"), bad::output);
    }

    @Test
    void disabledCollectionsAreNamedWhenMemoryRunsOut() {
        List<String> options = List.of("-Dlehr.memory=4m", "-Xmx64m");
        ForkedJvm.Result usual = ForkedJvm.run(DropMemory.class, options);
        assertTrue(usual.output().contains("all found"), usual::output);
        ForkedJvm.Result disabled =
                ForkedJvm.run(DropMemory.class, List.of("-Dlehr.memory=4m", "-Xmx64m", "-XX:+DisableExplicitGC"));
        assertTrue(disabled.output().contains("-XX:+DisableExplicitGC is set"), disabled::output);
    }

    static final class PrintLimit {

        private PrintLimit() {}

        public static void main(String[] arguments) {
            System.err.println("limit " + Pool.host().statistics().limit());
        }
    }

    static final class DropMemory {

        private DropMemory() {}

        public static void main(String[] arguments) {
            for (int i = 0; i < 100; i++) {
                Pool.host().allocate(1 << 18, "dropped");
            }
            System.err.println("all found");
        }
    }
}
