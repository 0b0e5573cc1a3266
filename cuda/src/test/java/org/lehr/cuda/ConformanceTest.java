package org.lehr.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.tensor.Device;
import org.lehr.kernels.Backend;
import org.lehr.kernels.DType;

/// Every case on the processor and on the kernels of the device, run by the machine that interprets their PTX.
class ConformanceTest {

    private static final Backend CPU = Device.cpu().backend();
    private static final Backend MACHINE = Device.of("ptx").backend();
    private static final Path TABLE = Path.of("CONFORMANCE.md");

    @TestFactory
    Stream<DynamicTest> agreesWithTheProcessor() {
        return Case.all().stream()
                .map(each -> DynamicTest.dynamicTest(each.toString(), () -> each.compare(CPU, MACHINE)));
    }

    /// Where blocks of a pool lie side by side and are lent again, a kernel that reads or writes beyond its arrays,
    /// or
    /// reads what it never wrote, may find something there: here it finds nothing.
    @TestFactory
    Stream<DynamicTest> keepsToItsOwnArrays() {
        SeparateMemory memory = new SeparateMemory(new PtxAccelerator(1L << 30));
        Backend backend = new CudaBackend(new Driver(() -> new Runtime(memory.accelerator(), memory)));
        return Case.all().stream()
                .map(each -> DynamicTest.dynamicTest(each.toString(), () -> {
                    each.results(backend);
                    memory.freeAll();
                }));
    }

    @Test
    void noticesADifference() {
        Case wrong = new Case(
                "fill",
                "of another value",
                4,
                scene -> scene.backend()
                        .pointwise()
                        .fill(scene.output(DType.FLOAT32, 3), scene.backend() == CPU ? 1 : 1.0001));
        AssertionError e = assertThrows(AssertionError.class, () -> wrong.compare(CPU, MACHINE));
        assertEquals(
                "fill of another value: result 0, element 0 of 3: 1.000100016593933, expected 1.0 to within"
                        + " 4.76837158203125E-7",
                e.getMessage());
    }

    @Test
    void givesTheSameBitsAgain() {
        Case.all().stream().filter(each -> each.steps() > 0).skip(7).limit(40).forEach(each -> {
            var first = each.results(MACHINE);
            var again = each.results(MACHINE);
            for (int i = 0; i < first.size(); i++) {
                assertArrayEquals(first.get(i), again.get(i), each.toString());
            }
        });
    }

    @Test
    void theTableSaysWhatIsCompared() throws IOException {
        String table = table();
        if (!table.equals(Files.readString(TABLE))) {
            Path made = Path.of("target", "CONFORMANCE.md");
            Files.writeString(made, table);
            assertEquals(Files.readString(TABLE), table, "copy " + made.toAbsolutePath() + " to cuda/CONFORMANCE.md");
        }
    }

    private static String table() {
        Map<String, Integer> cases = new TreeMap<>();
        Map<String, Double> steps = new TreeMap<>();
        for (Case each : Case.all()) {
            cases.merge(each.operation(), 1, Integer::sum);
            steps.merge(each.operation(), each.steps(), Math::max);
        }
        return """
                # Conformance of the CUDA backend

                Each operation is called with the same arrays (empty, of one element, strided, of odd sizes) on the processor and on
                the kernels of this module. Their shipped PTX runs in the PTX machine of the tests in every build; `device-check.sh`
                runs the same calls on a device.

                `steps`: how far results may be from the processor's, in steps of their dtype at the largest value of an array; 0
                means the same bits.

                | operation | calls | steps | PTX machine | device |
                |---|---|---|---|---|
                """
                + cases.entrySet().stream()
                        .map(entry -> "| %s | %d | %.0f | agrees | not run |%n"
                                .formatted(entry.getKey(), entry.getValue(), steps.get(entry.getKey())))
                        .collect(Collectors.joining());
    }
}
