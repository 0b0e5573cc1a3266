package org.lehr.engine.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.lehr.engine.distributed.telemetry.CollectiveRecord;
import org.lehr.engine.train.run.RankLog;
import org.lehr.engine.train.run.RunIndex;
import org.lehr.engine.train.run.RunSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lehr runs`: a table of runs, or a picture of the ranks of one.
@Command(name = "runs", description = "List the runs in a folder.", mixinStandardHelpOptions = true)
final class RunsCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", defaultValue = "runs", description = "Where to look. Default: ${DEFAULT-VALUE}")
    private Path folder;

    @Option(
            names = "--ranks",
            description = "Draw what the ranks of the run DIR, or runs/DIR, did in their last iterations, and name who"
                    + " was slow.")
    private boolean ranks;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (ranks) {
            drawRanks(out);
            return 0;
        }
        List<RunSummary> runs = Files.isDirectory(folder) ? RunIndex.list(folder) : List.of();
        if (runs.isEmpty()) {
            out.println("No runs in " + folder + ". Start one with: lehr train");
        } else {
            out.printf(
                    "%-20s %-12s %8s %8s %11s %10s %10s%n",
                    "run", "state", "step", "loss", "validation", "bits/byte", "tokens/s");
            for (RunSummary run : runs) {
                out.printf(
                        "%-20s %-12s %8d %8s %11s %10s %10s%n",
                        run.name(),
                        run.condition().name().toLowerCase(Locale.ROOT),
                        run.step(),
                        number(run.loss()),
                        number(run.validationLoss()),
                        number(run.bitsPerByte()),
                        Double.isNaN(run.tokensPerSecond()) ? "-" : Sizes.count(run.tokensPerSecond()));
            }
        }
        out.flush();
        return 0;
    }

    private void drawRanks(PrintWriter out) throws IOException {
        Path run = Files.isDirectory(folder) ? folder : Path.of("runs").resolve(folder);
        List<List<CollectiveRecord>> notes = RankLog.read(run);
        if (notes.stream().allMatch(List::isEmpty)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--ranks: no notes of ranks in " + run + ": it must have been trained with --ranks");
        }
        new RankTimeline(notes).lines().forEach(out::println);
        out.flush();
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
    }
}
