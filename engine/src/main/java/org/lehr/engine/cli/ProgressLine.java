package org.lehr.engine.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.lehr.engine.train.LanguageModelSetup;
import org.lehr.engine.train.RunConfig;
import org.lehr.engine.train.StepReport;
import org.lehr.engine.train.TrainingRun;
import org.lehr.kernels.parallel.ArithmeticPeak;

/// How a run is going: one line that is written over on a terminal, a line now and then elsewhere.
final class ProgressLine {

    private static final double TERMINAL_SECONDS = 0.2;
    private static final double PLAIN_SECONDS = 10;
    private static final long WARM_STEPS = 20;

    private final PrintWriter out;
    private final long steps;
    private final boolean terminal =
            System.console() != null && System.console().isTerminal();
    private double flopsPerToken;
    private double peak;
    private double smoothedLoss = Double.NaN;
    private double lastPrinted = Double.NEGATIVE_INFINITY;
    private double seconds;
    private long tokens;
    private boolean open;

    ProgressLine(PrintWriter out, long steps) {
        this.out = out;
        this.steps = steps;
    }

    /// Says what is about to be trained.
    void describe(LanguageModelSetup setup, RunConfig config, Path folder) {
        flopsPerToken = setup.model().flopsPerToken();
        out.printf(
                Locale.ROOT,
                "%s: %s (%s bytes to learn, %s held out)%n",
                folder,
                setup.corpus().description(),
                Sizes.count(setup.training().bytes()),
                Sizes.count(setup.heldOut().bytes()));
        out.printf(
                Locale.ROOT,
                "%s, %s parameters, %d x %d tokens a step, %s, %s%n",
                config.model().arch(),
                Sizes.count(setup.model().module().parameterCount()),
                config.optimization().batch(),
                config.model().context(),
                config.optimization().optimizer(),
                config.optimization().schedule());
        out.flush();
    }

    /// Tokens per second over all steps, without what lies between them.
    double tokensPerSecond() {
        return seconds > 0 ? tokens / seconds : 0;
    }

    TrainingRun.Observer observer(LanguageModelSetup setup) {
        return new TrainingRun.Observer() {
            @Override
            public void stepped(StepReport report) {
                show(report);
            }

            @Override
            public void validated(long step, double loss) {
                line("step %d: validation loss %.4f, %.3f bits per byte", step, loss, setup.bitsPerByte(loss));
            }

            @Override
            public void saved(long step, Path path) {
                if (step == steps) {
                    line("checkpoint: %s", path);
                }
            }
        };
    }

    private void show(StepReport report) {
        seconds += report.seconds();
        tokens += report.items();
        smoothedLoss = Double.isNaN(smoothedLoss) ? report.loss() : 0.9 * smoothedLoss + 0.1 * report.loss();
        double pause = terminal ? TERMINAL_SECONDS : PLAIN_SECONDS;
        if (seconds - lastPrinted < pause && report.step() != steps) {
            return;
        }
        lastPrinted = seconds;
        if (peak == 0 && report.step() >= WARM_STEPS) {
            peak = ArithmeticPeak.measure();
        }
        double rate = report.throughput();
        String text = String.format(
                Locale.ROOT,
                "step %d/%d  loss %.4f  rate %.2e  %s tok/s  %s of peak  %s left",
                report.step(),
                steps,
                smoothedLoss,
                report.rate(),
                Sizes.count(rate),
                peak == 0 ? "-" : String.format(Locale.ROOT, "%.0f%%", 100 * rate * flopsPerToken / peak),
                duration((steps - report.step()) * seconds / Math.max(1, tokens) * report.items()));
        if (terminal) {
            out.print("\r\033[K" + text);
            open = true;
        } else {
            out.println(text);
        }
        out.flush();
    }

    private void line(String format, Object... values) {
        end();
        out.printf(Locale.ROOT, format + "%n", values);
        out.flush();
    }

    /// Leaves the line that is written over.
    void end() {
        if (open) {
            out.println();
            out.flush();
            open = false;
        }
    }

    private static String duration(double seconds) {
        long whole = Math.round(seconds);
        return whole < 60 ? whole + " s" : String.format(Locale.ROOT, "%d:%02d min", whole / 60, whole % 60);
    }
}
