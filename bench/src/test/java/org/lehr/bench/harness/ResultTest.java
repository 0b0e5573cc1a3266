package org.lehr.bench.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Ratios, and how results are written down.
class ResultTest {

    private static final Result AHEAD = result("ahead", 2, 5);
    private static final Result BEHIND = result("behind", 4, 3);
    private static final Result FAR_BEHIND = result("far-behind", 10, 1);

    private static Result result(String name, double ours, double peer) {
        return new Result(name, 2, Result.MILLIS, ours, peer, "libtorch", 0.25, Double.NaN);
    }

    @Test
    void aRatioIsOfSpeeds() {
        assertEquals(2.5, AHEAD.ratio());
        assertEquals(0.75, BEHIND.ratio());
        assertTrue(Double.isNaN(AHEAD.shippedRatio()));
        assertEquals(4, new Result("x", 1, "MiB", 2, 5, "p", Double.NaN, 8).shippedRatio());
    }

    @Test
    void aRowOfJsonHasTheNamedFieldsAndNullForWhatIsNotKnown() throws Exception {
        String line = ResultJson.line(AHEAD);
        JsonNode node = new ObjectMapper().readTree(line);
        assertEquals("ahead", node.get("name").asText());
        assertEquals(2, node.get("threads").asInt());
        assertEquals(2.0, node.get("ours").asDouble());
        assertEquals(5.0, node.get("peer").asDouble());
        assertEquals("libtorch", node.get("peerName").asText());
        assertEquals("ms", node.get("unit").asText());
        assertEquals(2.5, node.get("ratio").asDouble());
        assertEquals(0.25, node.get("ceilingShare").asDouble());
        assertTrue(node.get("asShipped").isNull());
        assertEquals(1, line.lines().count());
    }

    @Test
    void whereWeLoseComesFirstAndTheWorstAtItsTop() {
        List<Result> all = List.of(AHEAD, BEHIND, FAR_BEHIND);
        assertEquals(List.of(FAR_BEHIND, BEHIND), ResultsPage.lost(all));
        String page = ResultsPage.text("./lehr bench", List.of("a machine"), all);
        assertTrue(page.contains("Ahead in 1 of 3 rows"), page);
        assertTrue(page.indexOf("far-behind") < page.indexOf("| behind"), page);
        assertTrue(page.indexOf("| behind") < page.indexOf("| ahead"), page);
    }

    @Test
    void figuresHaveThreeDigits() {
        assertEquals("1079 ms", ResultTable.amount(1079.4, "ms"));
        assertEquals("35.8 ms", ResultTable.amount(35.81, "ms"));
        assertEquals("0.189 ms", ResultTable.amount(0.1891, "ms"));
        assertEquals("0.00111 ms", ResultTable.amount(0.001111, "ms"));
        assertEquals("", ResultTable.amount(Double.NaN, "ms"));
        assertEquals("| ahead | 2 | 2.00 ms | 5.00 ms | 2.50 | libtorch | 25% |  |  |", ResultTable.line(AHEAD));
    }

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        assertEquals(2, Median.of(3, 1, 2));
        assertEquals(2.5, Median.of(4, 1, 2, 3));
        assertTrue(Double.isNaN(Median.of()));
    }
}
