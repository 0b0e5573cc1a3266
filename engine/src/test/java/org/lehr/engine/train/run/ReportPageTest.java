package org.lehr.engine.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

final class ReportPageTest {

    private static final String EVIL = "<script>alert('x')</script> & \"q\"";

    @Test
    void nothingGivenToItIsMarkup() {
        SequencedMap<String, String> figures = new LinkedHashMap<>(Map.of(EVIL, EVIL));
        Series series = new Series(EVIL, new double[] {1, 2}, new double[] {1, 2}, Series.Style.LINE);
        Chart chart = new Chart(EVIL, EVIL, Chart.Scale.LINEAR, true, List.of(series, series));
        String html = new ReportPage(EVIL)
                .subtitle(EVIL)
                .figures(figures)
                .charts(List.of(chart))
                .heading(EVIL)
                .paragraph(EVIL)
                .settings(figures)
                .table(List.of(EVIL), List.of(List.of(EVIL)))
                .text(EVIL, EVIL, true)
                .toHtml();
        assertFalse(html.contains("<script"), html);
        assertFalse(html.contains("alert('"));
        assertTrue(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot;"));
    }

    @Test
    void loadsNothing() {
        String html = new ReportPage("a").paragraph("b").toHtml();
        for (String loading : List.of("http:", "https:", "url(", "@import", "<link", "src=", "<script")) {
            assertFalse(html.contains(loading), loading);
        }
        assertTrue(html.contains("prefers-color-scheme: dark"));
    }

    @Test
    void controlCharactersBecomeVisible() {
        assertEquals(
                "a\u2400b\u241B\u2421\n\t\uFFFD\uFFFD\uFFFDé\uD83D\uDE00",
                Html.escape("a\0b\u001B\u007F\n\t\u0085\uD800\uFFFFé\uD83D\uDE00"));
    }

    @Test
    void numbersStandToTheRight() {
        String html = new ReportPage("a")
                .table(List.of("name", "value"), List.of(List.of("x", "-1.5"), List.of("y", "–")))
                .toHtml();
        assertTrue(html.contains("<td>x</td><td class=\"number\">-1.5</td>"), html);
        assertTrue(html.contains("<td>y</td><td>–</td>"), html);
    }
}
