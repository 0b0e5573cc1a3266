package org.lehr.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceCheckTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    private int check(CudaBackend backend) throws IOException {
        return DeviceCheck.run(
                backend,
                MatrixCases.all().subList(0, 3),
                folder.resolve("check.json"),
                new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    @Test
    void saysThatThereIsNoDevice() throws IOException {
        assertEquals(3, check(new CudaBackend(new Driver(() -> {
            throw new IllegalStateException("none here");
        }))));
        assertEquals(
                "device-check: no device: none here",
                log.toString(StandardCharsets.UTF_8).strip());
        assertFalse(Files.exists(folder.resolve("check.json")));
    }

    @Test
    void writesWhatItFinds() throws IOException {
        assertEquals(0, check(new PtxBackend()), log.toString(StandardCharsets.UTF_8));
        String found = Files.readString(folder.resolve("check.json"));
        assertTrue(found.contains("\"device\": \"PTX machine"), found);
        assertTrue(found.contains("\"disagree\": []"), found);
    }
}
