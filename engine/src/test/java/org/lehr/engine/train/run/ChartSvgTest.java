package org.lehr.engine.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

final class ChartSvgTest {

    private static final double NAN = Double.NaN;

    private static Series series(Series.Style style, double... y) {
        return new Series("s", IntStream.range(0, y.length).asDoubleStream().toArray(), y, style);
    }

    private static Chart chart(Chart.Scale scale, Series... series) {
        return Chart.overSteps("title", scale, series);
    }

    private static Document parse(Chart chart) throws Exception {
        String svg = ChartSvg.draw(chart);
        assertFalse(
                Pattern.compile("NaN|Infinity|∞")
                        .matcher(svg.replaceAll("<title>[^<]*</title>", ""))
                        .find(),
                svg);
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static List<Element> elements(Document svg, String name, String style) {
        NodeList nodes = svg.getElementsByTagName(name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .filter(element ->
                        List.of(element.getAttribute("class").split(" ")).contains(style))
                .toList();
    }

    @Test
    void nothingToShowSaysSo() throws Exception {
        for (Chart empty : List.of(
                chart(Chart.Scale.LINEAR),
                chart(Chart.Scale.LINEAR, series(Series.Style.LINE)),
                chart(Chart.Scale.FROM_ZERO, series(Series.Style.SMOOTHED, NAN, NAN)),
                chart(Chart.Scale.LOGARITHMIC, series(Series.Style.LINE, 0, -1, Double.POSITIVE_INFINITY)))) {
            assertEquals(
                    "nothing to show yet", parse(empty).getDocumentElement().getTextContent());
        }
    }

    @ParameterizedTest
    @EnumSource(Chart.Scale.class)
    void onePointIsADot(Chart.Scale scale) throws Exception {
        for (double value : new double[] {1, 1e-9, 12345.6, 1e12}) {
            Document svg = parse(chart(scale, series(Series.Style.LINE, value)));
            assertEquals(1, elements(svg, "circle", "dot").size());
            assertTrue(elements(svg, "text", "tick").size() >= 2, "ticks for " + value);
        }
        assertEquals(
                1,
                elements(parse(chart(Chart.Scale.LINEAR, series(Series.Style.LINE, 0))), "circle", "dot")
                        .size());
    }

    @Test
    void aConstantIsALine() throws Exception {
        for (double value : new double[] {0, -3, 7e-5}) {
            for (Chart.Scale scale : new Chart.Scale[] {Chart.Scale.LINEAR, Chart.Scale.FROM_ZERO}) {
                Document svg = parse(chart(scale, series(Series.Style.LINE, value, value, value)));
                assertEquals(1, elements(svg, "path", "line").size());
                assertTrue(elements(svg, "text", "y").size() >= 2);
            }
        }
    }

    @Test
    void gapsBreakTheLineAndLonelyPointsAreDots() throws Exception {
        Document svg = parse(chart(Chart.Scale.LINEAR, series(Series.Style.LINE, 1, 2, NAN, 3, NAN, 4, 5, NAN)));
        String path = elements(svg, "path", "line").getFirst().getAttribute("d");
        assertEquals(3, path.chars().filter(c -> c == 'M').count(), path);
        assertEquals(2, path.chars().filter(c -> c == 'L').count(), path);
        assertEquals(1, elements(svg, "circle", "dot").size());
    }

    @Test
    void everythingStaysInside() throws Exception {
        Document svg = parse(chart(Chart.Scale.LINEAR, series(Series.Style.MARKED, -5, 1e-3, 100, 99.5)));
        for (Element dot : elements(svg, "circle", "dot")) {
            double x = Double.parseDouble(dot.getAttribute("cx"));
            double y = Double.parseDouble(dot.getAttribute("cy"));
            assertTrue(x >= 58 && x <= 476 && y >= 10 && y <= 194, x + ", " + y);
        }
    }

    @Test
    void largerValuesStandHigher() throws Exception {
        for (Chart.Scale scale : Chart.Scale.values()) {
            List<Element> dots =
                    elements(parse(chart(scale, series(Series.Style.MARKED, 1, 10, 1000))), "circle", "dot");
            double low = Double.parseDouble(dots.get(0).getAttribute("cy"));
            double middle = Double.parseDouble(dots.get(1).getAttribute("cy"));
            double high = Double.parseDouble(dots.get(2).getAttribute("cy"));
            assertTrue(low > middle && middle > high, scale.toString());
            if (scale == Chart.Scale.LOGARITHMIC) {
                assertEquals(2, (middle - high) / (low - middle), 0.02);
            }
        }
    }

    @Test
    void hoveringNamesTheValuesOfAllSeries() throws Exception {
        Series few = new Series("few", new double[] {0, 2}, new double[] {7, 8}, Series.Style.MARKED);
        Document svg = parse(chart(Chart.Scale.LINEAR, series(Series.Style.LINE, 1.25, 2.5, NAN), few));
        List<Element> bands = elements(svg, "rect", "band");
        assertEquals(3, bands.size());
        assertEquals("step 0\ns 1.25\nfew 7", bands.get(0).getTextContent());
        assertEquals("step 1\ns 2.5\nfew 7 (at 0)", bands.get(1).getTextContent());
        assertEquals("step 2\ns NaN\nfew 8", bands.get(2).getTextContent());
    }

    @Test
    void aMillionPointsStaySmallAndKeepTheirExtremes() throws Exception {
        double[] y = new double[1_000_000];
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.sin(i * 0.7);
        }
        y[777_777] = 50;
        y[333_333] = NAN;
        Chart chart = chart(Chart.Scale.LINEAR, series(Series.Style.LINE, y));
        assertTrue(ChartSvg.draw(chart).length() < 60_000);
        String path = elements(parse(chart), "path", "line").getFirst().getAttribute("d");
        assertEquals(2, path.chars().filter(c -> c == 'M').count());
        double highest = Pattern.compile("[ML]\\S+ ([\\d.]+)")
                .matcher(path)
                .results()
                .mapToDouble(match -> Double.parseDouble(match.group(1)))
                .min()
                .orElseThrow();
        assertEquals(10 + 184 * 0.04 / 1.08, highest, 0.2);
    }

    @Test
    void refusesPlacesOutOfOrder() {
        assertThrows(
                IllegalArgumentException.class, () -> new Series("s", new double[2], new double[1], Series.Style.LINE));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Series("s", new double[] {2, 1}, new double[2], Series.Style.LINE));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Series("s", new double[] {NAN}, new double[1], Series.Style.LINE));
    }

    @Test
    void theMovingAverageOfALineIsTheLine() {
        double[] y = IntStream.range(0, 800).mapToDouble(i -> 3 - 0.5 * i).toArray();
        double[] smooth = series(Series.Style.SMOOTHED, y).smoothed().y();
        for (int i = 0; i < 790; i++) {
            assertEquals(y[i], smooth[i], 1e-9);
        }
        y[400] = NAN;
        assertTrue(Double.isNaN(series(Series.Style.SMOOTHED, y).smoothed().y()[400]));
    }
}
