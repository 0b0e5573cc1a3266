package org.lehr.bench.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lehr.bench.Row;

/// The command line, the catalogue and the surroundings of measuring processes; nothing is measured.
class BenchTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Bench.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    @Test
    void listsWhatMatches() {
        assertEquals(0, run("--list", "MATMUL/f64"));
        List<String> names = out.toString().lines().toList();
        assertTrue(names.size() >= 2, names.toString());
        assertTrue(names.stream().allMatch(name -> name.startsWith("matmul/f64/")), names.toString());
    }

    @Test
    void aPatternThatMatchesNothingIsAnError() {
        assertEquals(2, run("no-such-row"));
        assertTrue(
                err.toString().contains("no benchmark matches 'no-such-row'; --list prints their names"),
                err::toString);
    }

    @Test
    void aPatternThatIsNoExpressionIsAnError() {
        assertEquals(2, run("matmul("));
        assertTrue(err.toString().contains("'matmul(' is not a regular expression"), err::toString);
    }

    @Test
    void aFileThatCannotBeWrittenIsAnErrorBeforeAnythingIsMeasured() {
        assertEquals(2, run("matmul", "--json", "/no/such/folder/rows.json"));
        assertEquals(
                "lehr: --json: cannot write to /no/such/folder/rows.json: its folder does not exist",
                err.toString().lines().findFirst().orElse(""));
    }

    @Test
    void moreThreadsThanTheMachineHasAreAnError() {
        assertEquals(2, run("matmul", "--threads", "100000"));
        assertTrue(err.toString().contains("--threads: expected numbers from 1 to"), err::toString);
    }

    @Test
    void resultsAreOfAllRows() {
        assertEquals(2, run("matmul", "--results"));
        assertTrue(err.toString().contains("--results needs all rows"), err::toString);
    }

    @Test
    void anUnknownOptionIsAnError() {
        assertEquals(2, run("--fast"));
        assertTrue(err.toString().contains("--fast"), err::toString);
    }

    @Test
    void rowsAreFoundByTheirPlaceAndHaveNamesOfTheirOwn() {
        List<String> names = Catalog.all().stream().map(Row::name).toList();
        assertTrue(names.size() > 60, names.toString());
        assertEquals(names.size(), names.stream().distinct().count());
        assertTrue(names.stream().noneMatch(name -> name.isBlank() || name.contains("\t") || name.contains("|")));
    }

    @Test
    void aTunedPeerSeesItsSettingsOnlyAndAShippedOneNone() {
        Map<String, String> variables = new HashMap<>(Map.of("OPENBLAS_L2_SIZE", "512", "PATH", "/bin"));
        Surroundings.TUNED_PEER.set(variables, 2, true, "SkylakeX");
        assertEquals("SkylakeX", variables.get("OPENBLAS_CORETYPE"));
        assertEquals("2", variables.get("OPENBLAS_NUM_THREADS"));
        assertEquals("/bin", variables.get("PATH"));
        assertTrue(!variables.containsKey("OPENBLAS_L2_SIZE"), variables.toString());

        Surroundings.AS_SHIPPED.set(variables, 2, true, "SkylakeX");
        assertEquals(Map.of("PATH", "/bin"), variables);
        Surroundings.AS_SHIPPED.set(variables, 1, false, "");
        assertEquals("1", variables.get("OMP_NUM_THREADS"));
    }
}
