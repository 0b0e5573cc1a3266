package org.lehr.engine.train.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/// Draws a [Chart] as an SVG element, coloured by the page's style sheet. Hovering over a place names the values there.
final class ChartSvg {

    private static final int LEFT = 58;
    private static final int RIGHT = 14;
    private static final int TOP = 10;
    private static final int BOTTOM = 36;
    private static final int MAX_BANDS = 160;

    /// Points per unit of width above which a curve is thinned; nothing that can be seen is lost.
    private static final double POINTS_PER_UNIT = 2;

    private final Chart chart;
    private final int width;
    private final int height;
    private final Axis xAxis;
    private final Axis yAxis;
    private final StringBuilder out = new StringBuilder();

    private ChartSvg(Chart chart, Axis xAxis, Axis yAxis) {
        this.chart = chart;
        this.xAxis = xAxis;
        this.yAxis = yAxis;
        width = width(chart);
        height = height(chart);
    }

    /// The whole element; a note that there is nothing to show where no series has a value.
    static String draw(Chart chart) {
        double[] values = chart.series().stream()
                .flatMapToDouble(series -> DoubleStream.of(series.y()))
                .filter(value -> isShown(chart, value))
                .toArray();
        if (values.length == 0) {
            int middle = width(chart) / 2;
            return open(chart) + text("empty", middle, height(chart) / 2, "nothing to show yet") + "</svg>\n";
        }
        return new ChartSvg(chart, xAxis(chart), yAxis(chart, values)).draw();
    }

    private static Axis xAxis(Chart chart) {
        double[] places = chart.series().stream()
                .flatMapToDouble(series -> DoubleStream.of(series.x()))
                .toArray();
        boolean whole = DoubleStream.of(places).allMatch(place -> place == Math.rint(place));
        return Axis.linear(min(places), max(places), chart.wide() ? 10 : 6, whole ? 1 : 0);
    }

    private static Axis yAxis(Chart chart, double[] values) {
        double min = min(values);
        double max = max(values);
        if (chart.scale() == Chart.Scale.LOGARITHMIC) {
            return Axis.logarithmic(min, max);
        }
        if (chart.scale() == Chart.Scale.FROM_ZERO && min >= 0) {
            return Axis.linear(0, max == 0 ? 1 : max * 1.06, 5, 0);
        }
        double room = (max - min) * 0.04;
        return Axis.linear(min - room, max + room, chart.wide() ? 7 : 5, 0);
    }

    private static boolean isShown(Chart chart, double value) {
        return Double.isFinite(value) && (chart.scale() != Chart.Scale.LOGARITHMIC || value > 0);
    }

    private String draw() {
        out.append(open(chart));
        drawAxes();
        for (int i = 0; i < chart.series().size(); i++) {
            drawSeries(chart.series().get(i), i);
        }
        drawBands();
        return out.append("</svg>\n").toString();
    }

    private void drawAxes() {
        int floor = height - BOTTOM;
        for (double tick : yAxis.ticks()) {
            double y = y(tick);
            line("grid", LEFT, y, width - RIGHT, y);
            out.append(text("tick y", LEFT - 8, y + 4, NumberText.tick(tick, yAxis.high())));
        }
        for (double tick : xAxis.ticks()) {
            double x = x(tick);
            line("axis", x, floor, x, floor + 4);
            out.append(text("tick x", x, floor + 17, NumberText.tick(tick, xAxis.high())));
        }
        line("axis", LEFT, floor, width - RIGHT, floor);
        out.append(text("label", (LEFT + width - RIGHT) / 2.0, height - 4, chart.xLabel()));
    }

    private void drawSeries(Series series, int index) {
        String look = "s" + index % ReportPage.LOOKS;
        switch (series.style()) {
            case LINE -> drawPath(series, look);
            case SMOOTHED -> {
                drawPath(series, look + " faint");
                drawPath(series.smoothed(), look);
            }
            case MARKED -> {
                drawPath(series, look);
                for (int i = 0; i < series.size(); i++) {
                    if (isShown(chart, series.y()[i])) {
                        dot(look, series.x()[i], series.y()[i]);
                    }
                }
            }
        }
    }

    /// A path with a gap wherever a value cannot be shown; a value between two gaps is a dot.
    private void drawPath(Series series, String style) {
        StringBuilder path = new StringBuilder();
        List<Integer> alone = new ArrayList<>();
        int[] kept = thinned(series);
        boolean pen = false;
        for (int k = 0; k < kept.length; k++) {
            int i = kept[k];
            if (!isShown(chart, series.y()[i])) {
                pen = false;
                continue;
            }
            boolean next = k + 1 < kept.length && isShown(chart, series.y()[kept[k + 1]]);
            if (!pen && !next) {
                alone.add(i);
            }
            path.append(pen ? 'L' : 'M').append(number(x(series.x()[i]))).append(' ');
            path.append(number(y(series.y()[i])));
            pen = true;
        }
        out.append("<path class=\"line ")
                .append(style)
                .append("\" d=\"")
                .append(path)
                .append("\"/>");
        alone.forEach(i -> dot(style, series.x()[i], series.y()[i]));
    }

    /// Which points to draw: of each narrow column the first, the lowest, the highest and the last, and every gap.
    private int[] thinned(Series series) {
        int columns = (int) ((width - LEFT - RIGHT) * POINTS_PER_UNIT / 4);
        List<Integer> kept = new ArrayList<>();
        int count = series.size();
        for (int from = 0; from < count; ) {
            int to = count <= columns * 4 ? from + 1 : Math.max(from + 1, columnEnd(series, from, columns));
            int low = from;
            int high = from;
            for (int i = from; i < to; i++) {
                if (!isShown(chart, series.y()[i])) {
                    to = i == from ? from + 1 : i;
                    break;
                }
                low = series.y()[i] < series.y()[low] ? i : low;
                high = series.y()[i] > series.y()[high] ? i : high;
            }
            for (int i : new int[] {from, Math.min(low, high), Math.max(low, high), to - 1}) {
                if (kept.isEmpty() || kept.getLast() < i) {
                    kept.add(i);
                }
            }
            from = to;
        }
        return kept.stream().mapToInt(Integer::intValue).toArray();
    }

    private int columnEnd(Series series, int from, int columns) {
        long column = (long) Math.floor(xAxis.place(series.x()[from]) * columns);
        int end = from;
        while (end < series.size() && (long) Math.floor(xAxis.place(series.x()[end]) * columns) == column) {
            end++;
        }
        return end;
    }

    /// Invisible columns that light up under the pointer and name the values at the nearest point of each series.
    private void drawBands() {
        Series densest = chart.series().getFirst();
        for (Series series : chart.series()) {
            densest = series.size() > densest.size() ? series : densest;
        }
        int bands = Math.min(MAX_BANDS, densest.size());
        double[] centres = new double[bands];
        for (int b = 0; b < bands; b++) {
            centres[b] = densest.x()[bands == 1 ? 0 : (int) ((long) b * (densest.size() - 1) / (bands - 1))];
        }
        for (int b = 0; b < bands; b++) {
            double left = b == 0 ? LEFT : (x(centres[b - 1]) + x(centres[b])) / 2;
            double right = b == bands - 1 ? width - RIGHT : (x(centres[b]) + x(centres[b + 1])) / 2;
            out.append(String.format(
                    Locale.ROOT,
                    "<rect class=\"band\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\"><title>%s</title></rect>",
                    number(left),
                    TOP,
                    number(Math.max(right - left, 0.5)),
                    height - TOP - BOTTOM,
                    Html.escape(describe(centres[b]))));
        }
    }

    private String describe(double place) {
        StringBuilder text = new StringBuilder(chart.xLabel() + " " + NumberText.of(place, 9));
        for (Series series : chart.series()) {
            int nearest = nearest(series.x(), place);
            text.append('\n').append(series.name()).append(' ').append(NumberText.of(series.y()[nearest], 5));
            if (series.x()[nearest] != place) {
                text.append(" (at ")
                        .append(NumberText.of(series.x()[nearest], 9))
                        .append(')');
            }
        }
        return text.toString();
    }

    private static int nearest(double[] places, double place) {
        int found = Arrays.binarySearch(places, place);
        if (found >= 0) {
            return found;
        }
        int after = Math.min(-found - 1, places.length - 1);
        int before = Math.max(after - 1, 0);
        return place - places[before] <= places[after] - place ? before : after;
    }

    private double x(double value) {
        return LEFT + xAxis.place(value) * (width - LEFT - RIGHT);
    }

    private double y(double value) {
        return height - BOTTOM - yAxis.place(value) * (height - TOP - BOTTOM);
    }

    private void dot(String style, double x, double y) {
        out.append("<circle class=\"dot ").append(style).append("\" cx=\"").append(number(x(x)));
        out.append("\" cy=\"").append(number(y(y))).append("\" r=\"3\"/>");
    }

    private void line(String style, double x1, double y1, double x2, double y2) {
        out.append("<line class=\"")
                .append(style)
                .append("\" x1=\"")
                .append(number(x1))
                .append("\" y1=\"");
        out.append(number(y1))
                .append("\" x2=\"")
                .append(number(x2))
                .append("\" y2=\"")
                .append(number(y2));
        out.append("\"/>");
    }

    private static String open(Chart chart) {
        return "<svg viewBox=\"0 0 " + width(chart) + " " + height(chart) + "\" role=\"img\" aria-label=\""
                + Html.escape(chart.title()) + "\">";
    }

    private static String text(String style, double x, double y, String text) {
        return "<text class=\"" + style + "\" x=\"" + number(x) + "\" y=\"" + number(y) + "\">" + Html.escape(text)
                + "</text>";
    }

    private static int width(Chart chart) {
        return chart.wide() ? 1000 : 490;
    }

    private static int height(Chart chart) {
        return chart.wide() ? 320 : 230;
    }

    private static String number(double value) {
        return NumberText.of(Math.rint(value * 10) / 10, 5).replace(",", "");
    }

    private static double min(double[] values) {
        return DoubleStream.of(values).min().orElse(0);
    }

    private static double max(double[] values) {
        return DoubleStream.of(values).max().orElse(1);
    }
}
