package org.lehr.engine.train.run;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.lehr.engine.io.AtomicFiles;

/// A [Chart] as a file of its own: an SVG that is light or dark as the reader's system is, or a PNG.
public final class ChartFile {

    private static final int WIDTH = 1000;
    private static final int HEIGHT = 320;
    private static final int LEGEND = 22;

    private ChartFile() {}

    /// Replaces `file` by the diagram, in the format that its name ends with: `.svg` or `.png`.
    ///
    /// @throws IllegalArgumentException for any other ending
    public static void write(Chart chart, Path file) throws IOException {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".svg")) {
            AtomicFiles.writeString(file, svg(chart.wider()));
        } else if (name.endsWith(".png")) {
            BufferedImage image = image(chart);
            AtomicFiles.write(file, channel -> ImageIO.write(image, "png", Channels.newOutputStream(channel)));
        } else {
            throw new IllegalArgumentException("plot: expected a file named .svg or .png, got " + file);
        }
    }

    private static String svg(Chart chart) {
        int head = LEGEND * (chart.series().size() + 1) + 6;
        StringBuilder out = new StringBuilder();
        out.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                .formatted(WIDTH, head + HEIGHT));
        out.append(" font-size=\"13\">\n<style>").append(ReportPage.STYLE).append("</style>\n");
        out.append("<rect width=\"100%\" height=\"100%\" style=\"fill: var(--card)\"/>\n");
        out.append("<text x=\"14\" y=\"18\" font-weight=\"bold\">%s</text>\n".formatted(Html.escape(chart.title())));
        for (int i = 0; i < chart.series().size(); i++) {
            int y = LEGEND * (i + 1) + 12;
            out.append("<line class=\"line s%d\" x1=\"14\" y1=\"%d\" x2=\"34\" y2=\"%d\"/>"
                    .formatted(i % ReportPage.LOOKS, y, y));
            out.append("<text x=\"42\" y=\"%d\">%s</text>\n"
                    .formatted(y + 4, Html.escape(chart.series().get(i).name())));
        }
        out.append("<svg y=\"%d\" width=\"%d\" height=\"%d\">\n".formatted(head, WIDTH, HEIGHT));
        return out.append(ChartSvg.draw(chart)).append("</svg>\n</svg>\n").toString();
    }

    private static BufferedImage image(Chart chart) {
        XYChart drawing = new XYChartBuilder()
                .width(WIDTH)
                .height(WIDTH / 2)
                .title(chart.title())
                .xAxisTitle(chart.xLabel())
                .build();
        drawing.getStyler().setYAxisLogarithmic(chart.scale() == Chart.Scale.LOGARITHMIC);
        if (chart.scale() == Chart.Scale.FROM_ZERO) {
            drawing.getStyler().setYAxisMin(0.0);
        }
        for (Series series : chart.series()) {
            drawing.addSeries(series.name(), series.x(), series.y()).setMarker(SeriesMarkers.NONE);
        }
        return BitmapEncoder.getBufferedImage(drawing);
    }
}
