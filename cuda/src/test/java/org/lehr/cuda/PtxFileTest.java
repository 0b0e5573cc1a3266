package org.lehr.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PtxFileTest {

    private static final Path SOURCES = Path.of("src/main/cuda");

    private static List<Path> files(String suffix) throws IOException {
        try (Stream<Path> all = Files.list(SOURCES)) {
            return all.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        }
    }

    @Test
    void everyFileIsGeneratedFromTheSourceThatIsHere() throws IOException, NoSuchAlgorithmException {
        List<Path> sources = files(".cu");
        assertTrue(sources.size() > 10, sources.toString());
        for (Path source : sources) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            for (Path header : files(".cuh")) {
                text.write(Files.readAllBytes(header));
            }
            text.write(Files.readAllBytes(source));
            String digest = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.toByteArray()));
            PtxFile file = new PtxFile(source.getFileName().toString().replace(".cu", ""));
            assertEquals(digest, file.digest(), source + " was changed: run cuda/generate-ptx.sh");
            assertTrue(
                    file.text().startsWith(".version 7.0"),
                    file.text().lines().findFirst().orElse(""));
        }
    }

    @Test
    void namesWhatIsMissing() {
        IllegalStateException e = assertThrows(IllegalStateException.class, new PtxFile("nothing")::text);
        assertEquals("cuda: the resource nothing.ptx is missing from this build", e.getMessage());
    }
}
