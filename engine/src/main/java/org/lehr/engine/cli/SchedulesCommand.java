package org.lehr.engine.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleCatalogue;
import org.lehr.engine.schedule.ScheduleFamily;
import org.lehr.engine.schedule.ScheduleSpec;
import org.lehr.engine.schedule.predict.AnnealingFit;
import org.lehr.engine.schedule.predict.AnnealingLaw;
import org.lehr.engine.schedule.predict.Ranked;
import org.lehr.engine.train.RunConfig;
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

    private static final int SPARK = 24;
    private static final int POINTS = 2000;
    private static final double LEAST_DECAY = 0.01;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "SPEC",
            arity = "0..*",
            description = "Schedules to draw, such as wsd, rex or wsd:decay=0.3. Default: list all")
    private List<String> specs = List.of();

    @Option(names = "--steps", paramLabel = "N", description = "Steps of the run. Default: 1000")
    private Long steps;

    @Option(names = "--peak", paramLabel = "X", description = "The number that a warm-up leads to. Default: 1")
    private Double peak;

    @Option(names = "--warmup", paramLabel = "N", description = "Steps until the peak. Default: 5%% of the steps")
    private Long warmup;

    @Option(names = "--plot", paramLabel = "FILE", description = "Draw them into a .svg or .png file.")
    private Path plot;

    @Option(names = "--csv", description = "Print step and value of every step instead.")
    private boolean csv;

    @Option(
            names = "--predict",
            paramLabel = "RUN",
            description = "Predict last losses by the law of annealing, fitted to the losses of one or more runs of"
                    + " lehr train; steps, peak and warm-up are those of the first unless given.")
    private List<Path> runs = List.of();

    @Option(
            names = "--refine",
            paramLabel = "RUN",
            description = "Print the schedule that is refined from the gradients of a run, for"
                    + " lehr train --schedule table:file=FILE.")
    private Path refined;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (refined != null) {
            RecordedRun run = RecordedRun.read(refined);
            out.print(run.refined().csv(run.training().steps()));
        } else {
            setUsual();
            show(out);
        }
        out.flush();
        return 0;
    }

    private void setUsual() throws IOException {
        RunConfig.Optimization first =
                runs.isEmpty() ? null : RecordedRun.read(runs.getFirst()).training();
        if (warmup == null && steps == null && first != null) {
            warmup = (long) first.warmup();
        }
        steps = steps != null ? steps : first != null ? first.steps() : 1000L;
        peak = peak != null ? peak : first != null ? first.learningRate() : 1.0;
        warmup = warmup != null ? warmup : (Long) (steps / 20);
    }

    private void show(PrintWriter out) throws IOException {
        boolean all = specs.isEmpty() && (plot != null || csv || !runs.isEmpty());
        List<String> names = all
                ? ScheduleCatalogue.families().stream()
                        .map(ScheduleFamily::name)
                        .toList()
                : specs;
        List<Schedule> schedules = names.stream().map(this::build).toList();
        if (names.isEmpty()) {
            new ScheduleList(out).print(family -> build(family).draw(steps, SPARK));
        } else if (csv) {
            print(names, schedules, out);
        } else if (!runs.isEmpty()) {
            predict(names, schedules, out);
        } else if (!all) {
            draw(names, schedules, out);
        }
        if (plot != null) {
            ChartFile.write(chart(names, schedules), plot);
            out.println(plot);
        }
    }

    private Schedule build(String text) {
        return ScheduleSpec.parse(text).build(steps, peak, warmup);
    }

    private void predict(List<String> names, List<Schedule> schedules, PrintWriter out) throws IOException {
        List<AnnealingFit.Curve> curves = new ArrayList<>();
        for (Path run : runs) {
            curves.add(RecordedRun.read(run).losses());
        }
        AnnealingLaw law = AnnealingFit.DEFAULT.fit(curves);
        int count = Math.toIntExact(steps);
        out.printf(
                Locale.ROOT,
                "loss = %.4f + %.4g * S1^-%.3f - %.4g * S2, lambda %s%n",
                law.floor(),
                law.amplitude(),
                law.exponent(),
                law.annealing(),
                law.memory());
        Map<Schedule, String> called = new IdentityHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            called.put(schedules.get(i), names.get(i));
        }
        for (Ranked ranked : law.rank(schedules, count)) {
            out.printf(
                    Locale.ROOT,
                    "%8.4f  %s  %s%n",
                    ranked.value(),
                    ranked.schedule().draw(steps, SPARK),
                    called.get(ranked.schedule()));
        }
        AnnealingLaw.Family decays = share -> build(wsd(share));
        double share = law.best(decays, LEAST_DECAY, 1, count);
        out.printf(Locale.ROOT, "best decay: %s with %.4f%n", wsd(share), law.last(decays.of(share), count));
    }

    private static String wsd(double share) {
        return String.format(Locale.ROOT, "wsd:decay=%.1f%%", 100 * share);
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
