package org.lehr.engine.train.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.io.AtomicFiles;

/// An HTML page in one file, light or dark as the reader's system is: figures, diagrams, tables, texts. It loads
/// nothing and runs no script. Everything given to it is text, never markup.
public final class ReportPage {

    /// Looks that the style sheet has for series, used in turn: six colours, each as a line and dashed.
    static final int LOOKS = 12;

    static final String STYLE = style();

    private final StringBuilder body = new StringBuilder();
    private final String title;

    /// An empty page.
    public ReportPage(String title) {
        this.title = title;
        body.append("<h1>").append(Html.escape(title)).append("</h1>\n");
    }

    /// A line below the title.
    public ReportPage subtitle(String text) {
        body.append("<p class=\"subtitle\">").append(Html.escape(text)).append("</p>\n");
        return this;
    }

    /// The numbers that matter, large, with what they are below them.
    public ReportPage figures(SequencedMap<String, String> figures) {
        body.append("<dl class=\"figures\">\n");
        figures.forEach((name, value) -> body.append("<div><dd>")
                .append(Html.escape(value))
                .append("</dd><dt>")
                .append(Html.escape(name))
                .append("</dt></div>\n"));
        body.append("</dl>\n");
        return this;
    }

    /// Diagrams, two in a row unless they are wide.
    public ReportPage charts(List<Chart> charts) {
        body.append("<div class=\"charts\">\n");
        for (Chart chart : charts) {
            body.append(chart.wide() ? "<figure class=\"wide\">" : "<figure>");
            body.append("<figcaption><b>").append(Html.escape(chart.title())).append("</b>");
            if (chart.series().size() > 1) {
                appendLegend(chart);
            }
            body.append("</figcaption>").append(ChartSvg.draw(chart)).append("</figure>\n");
        }
        body.append("</div>\n");
        return this;
    }

    private void appendLegend(Chart chart) {
        body.append("<span class=\"legend\">");
        for (int i = 0; i < chart.series().size(); i++) {
            body.append("<span><i class=\"s").append(i % LOOKS).append("\"></i>");
            body.append(Html.escape(chart.series().get(i).name())).append("</span>");
        }
        body.append("</span>");
    }

    /// A section's heading.
    public ReportPage heading(String text) {
        body.append("<h2>").append(Html.escape(text)).append("</h2>\n");
        return this;
    }

    /// A paragraph.
    public ReportPage paragraph(String text) {
        body.append("<p>").append(Html.escape(text)).append("</p>\n");
        return this;
    }

    /// Names and values, in as many columns as fit.
    public ReportPage settings(Map<String, ?> settings) {
        body.append("<dl class=\"settings\">\n");
        settings.forEach((name, value) -> body.append("<div><dt>")
                .append(Html.escape(name))
                .append("</dt><dd>")
                .append(Html.escape(String.valueOf(value)))
                .append("</dd></div>\n"));
        body.append("</dl>\n");
        return this;
    }

    /// A table. A cell that begins with a digit or a sign before one stands to the right.
    public ReportPage table(List<String> columns, List<List<String>> rows) {
        body.append("<div class=\"scroll\"><table>\n<tr>");
        columns.forEach(
                column -> body.append("<th>").append(Html.escape(column)).append("</th>"));
        body.append("</tr>\n");
        for (List<String> row : rows) {
            body.append("<tr>");
            row.forEach(cell -> body.append(cell.matches("[-−+]?\\d.*") ? "<td class=\"number\">" : "<td>")
                    .append(Html.escape(cell))
                    .append("</td>"));
            body.append("</tr>\n");
        }
        body.append("</table></div>\n");
        return this;
    }

    /// A longer text, such as a sample, exactly as it is.
    ///
    /// @param open whether it is shown before the reader asks for it
    public ReportPage text(String caption, String text, boolean open) {
        body.append(open ? "<details open>" : "<details>").append("<summary>").append(Html.escape(caption));
        // A line feed right after <pre> is dropped by HTML; this one is meant to be.
        body.append("</summary><pre>\n").append(Html.escape(text)).append("</pre></details>\n");
        return this;
    }

    /// The page.
    public String toHtml() {
        return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                + "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" + Html.escape(title)
                + "</title>\n<style>\n" + STYLE + "</style>\n</head>\n<body>\n<main>\n" + body
                + "</main>\n</body>\n</html>\n";
    }

    /// Replaces `file` by the page.
    public void write(Path file) throws IOException {
        AtomicFiles.writeString(file, toHtml());
    }

    private static String style() {
        try (InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
            if (in == null) {
                throw new IllegalStateException("report: report.css is not beside " + ReportPage.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
