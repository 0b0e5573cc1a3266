package org.lehr.engine.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleCatalogue;
import org.lehr.engine.schedule.ScheduleEntry;
import org.lehr.engine.schedule.ScheduleFamily;
import org.lehr.engine.schedule.ScheduleSpec;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.ChartFile;
import org.lehr.engine.train.run.Series;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lehr schedules`: lists schedules, or draws some of them.
@Command(
        name = "schedules",
        description = "List all schedules, or draw some.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class SchedulesCommand implements Callable<Integer> {

    private static final int WIDTH = 118;
    private static final int SPARK = 24;
    private static final int POINTS = 2000;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "SPEC",
            arity = "0..*",
            description = "Schedules to draw, such as wsd, rex or wsd:decay=0.3. Default: list all")
    private List<String> specs = List.of();

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Steps of the run. Default: ${DEFAULT-VALUE}")
    private long steps;

    @Option(
            names = "--peak",
            paramLabel = "X",
            defaultValue = "1",
            description = "The number that a warm-up leads to. Default: ${DEFAULT-VALUE}")
    private double peak;

    @Option(names = "--warmup", paramLabel = "N", description = "Steps until the peak. Default: 5%% of the steps")
    private Long warmup;

    @Option(names = "--plot", paramLabel = "FILE", description = "Draw them into a .svg or .png file.")
    private Path plot;

    @Option(names = "--csv", description = "Print step and value of every step instead.")
    private boolean csv;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<String> names = !specs.isEmpty() || plot == null && !csv
                ? specs
                : ScheduleCatalogue.families().stream()
                        .map(ScheduleFamily::name)
                        .toList();
        List<Schedule> schedules = names.stream().map(this::build).toList();
        if (names.isEmpty()) {
            list(out);
        } else if (csv) {
            print(names, schedules, out);
        } else if (plot == null || !specs.isEmpty()) {
            draw(names, schedules, out);
        }
        if (plot != null) {
            ChartFile.write(chart(names, schedules), plot);
            out.println(plot);
        }
        out.flush();
        return 0;
    }

    private Schedule build(String text) {
        return ScheduleSpec.parse(text).build(steps, peak, warmup == null ? steps / 20 : warmup);
    }

    private void list(PrintWriter out) {
        for (ScheduleFamily family : ScheduleCatalogue.families()) {
            String line = build(family.name()).draw(steps, SPARK);
            out.printf("%-14s %s  %s%n", family.name(), line, family.meaning());
            row(out, "options", options(family.options()));
            row(out, "as", theirs(family));
        }
        out.printf("%nWhat every one takes besides:%n");
        row(out, "options", options(ScheduleSpec.COMMON));
        out.println(
                "Steps may be shares of the run (0.3, 30%); 1s is one step. Use: lehr train --schedule wsd:decay=0.3");
        out.printf("%nFrom code, because they join schedules or listen to a run:%n");
        for (ScheduleEntry entry : ScheduleCatalogue.all()) {
            if (entry instanceof CodeEntry code) {
                out.printf(
                        "%-14s %s (%s)%n",
                        code.name(), code.meaning(), code.type().getName());
                row(out, "as", theirs(code));
            }
        }
    }

    /// Several lines under each other where one would be too long.
    private static void row(PrintWriter out, String name, String text) {
        String head = "    %-8s".formatted(name);
        StringBuilder line = new StringBuilder(head);
        for (String word : text.split(" ")) {
            if (line.length() + word.length() >= WIDTH) {
                out.println(line);
                line = new StringBuilder(" ".repeat(head.length()));
            }
            line.append(' ').append(word);
        }
        if (!text.isEmpty()) {
            out.println(line);
        }
    }

    private static String options(List<ScheduleFamily.Option> options) {
        return options.stream()
                .map(option -> option.name() + (option.usual().isEmpty() ? "" : "=" + option.usual()) + " ("
                        + option.meaning() + ")")
                .collect(Collectors.joining(", "));
    }

    private static String theirs(ScheduleEntry entry) {
        return entry.theirs().stream()
                .map(theirs -> theirs.preset().isEmpty() ? theirs.toString() : theirs + " (" + theirs.preset() + ")")
                .collect(Collectors.joining(", "));
    }

    private void draw(List<String> names, List<Schedule> schedules, PrintWriter out) {
        int width = names.stream().mapToInt(String::length).max().orElse(0);
        for (int i = 0; i < names.size(); i++) {
            Schedule schedule = schedules.get(i);
            out.printf(
                    Locale.ROOT,
                    "%-" + width + "s %s  first %.3g, last %.3g%n",
                    names.get(i),
                    schedule.draw(steps, 3 * SPARK),
                    schedule.at(0),
                    schedule.at(steps - 1));
        }
    }

    private void print(List<String> names, List<Schedule> schedules, PrintWriter out) {
        if (schedules.size() == 1) {
            out.print(schedules.getFirst().csv(steps));
            return;
        }
        out.println("step," + names.stream().map(SchedulesCommand::quoted).collect(Collectors.joining(",")));
        for (long step = 0; step < steps; step++) {
            long place = step;
            out.println(step + ","
                    + schedules.stream()
                            .map(schedule -> Double.toString(schedule.at(place)))
                            .collect(Collectors.joining(",")));
        }
    }

    private static String quoted(String name) {
        return name.contains(",") ? '"' + name + '"' : name;
    }

    private Chart chart(List<String> names, List<Schedule> schedules) {
        int points = (int) Math.min(steps, POINTS);
        double[] places = new double[points];
        for (int i = 0; i < points; i++) {
            places[i] = points == 1 ? 0 : Math.round(i * ((steps - 1) / (points - 1.0)));
        }
        List<Series> series = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            series.add(new Series(names.get(i), places, schedules.get(i).sample(steps, points), Series.Style.LINE));
        }
        return Chart.overSteps("schedules", Chart.Scale.FROM_ZERO, series.toArray(Series[]::new));
    }
}
