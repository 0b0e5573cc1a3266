package org.lehr.cuda;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lehr.cuda.ptx.PtxMachine;
import org.lehr.cuda.ptx.PtxModule;

class ShippedPtxTest {

    private static final Path RESOURCES = Path.of("src/main/resources/org/lehr/cuda");

    @Test
    void theMachineUnderstandsAllOfIt() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(RESOURCES)) {
            files = all.filter(p -> p.toString().endsWith(".ptx")).sorted().toList();
        }
        assertFalse(files.isEmpty());
        for (Path file : files) {
            PtxMachine machine = new PtxMachine(1 << 20);
            PtxModule module = machine.load(file.getFileName().toString(), Files.readString(file));
            assertFalse(module.kernels().isEmpty(), file::toString);
            module.kernels().forEach(module::kernel);
        }
    }
}
