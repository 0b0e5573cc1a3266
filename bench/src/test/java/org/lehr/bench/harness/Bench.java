package org.lehr.bench.harness;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.PatternSyntaxException;
import org.lehr.bench.DecodingRow;
import org.lehr.bench.JvmPeerRow;
import org.lehr.bench.MemoryRow;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.StepRow;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lehr bench`: measures beside the peers.
@Command(
        name = "lehr bench",
        description = "Measure operations and training steps beside libtorch and OpenBLAS on this machine.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class Bench implements Callable<Integer> {

    private static final int LONGEST_MESSAGE = 300;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "PATTERN",
            defaultValue = "",
            description = "Only rows whose name contains a match of this regular expression, such as matmul.")
    private String pattern;

    @Option(names = "--list", description = "Print the rows' names and measure nothing.")
    private boolean list;

    @Option(names = "--quick", description = "Short measurements on all threads; no large models.")
    private boolean quick;

    @Option(
            names = "--threads",
            split = ",",
            paramLabel = "N[,N...]",
            description = "Numbers of threads (default: 1 and all of the machine's; all with --quick).")
    private List<Integer> threads = new ArrayList<>();

    @Option(names = "--results", description = "Measure everything and write bench/RESULTS.md.")
    private boolean results;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write one JSON object per row, a line each.")
    private Path json;

    private Bench() {}

    public static void main(String[] arguments) {
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), arguments));
    }

    /// Runs with these writers and returns the exit code: 0 when all went well, 1 when something failed, 2 when the
    /// command line is wrong.
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return new CommandLine(new Bench())
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler((problem, words) -> {
                    err.println("lehr: " + problem.getMessage());
                    err.println("Try 'lehr bench --help'.");
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((problem, line, parsed) -> {
                    err.println("lehr: " + problem.getMessage());
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<Row> rows = rows();
        if (list) {
            rows.forEach(row -> out.println(row.name()));
            return CommandLine.ExitCode.OK;
        }
        if (results && !pattern.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--results needs all rows; leave out '" + pattern + "'");
        }
        List<Integer> counts = threadCounts();
        try (PrintWriter lines = json == null ? null : writer()) {
            PeerPlatform.require();
            return measure(rows, counts, lines) ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
    }

    /// Measures and prints row after row; false when one failed.
    private boolean measure(List<Row> rows, List<Integer> counts, PrintWriter lines) throws IOException {
        File log = Files.createTempFile("lehr-bench", ".log").toFile();
        String coreType = CoreType.fastest(log);
        List<String> facts = MachineFacts.of(counts, coreType);
        facts.forEach(spec.commandLine().getErr()::println);
        ResultTable.HEAD.forEach(spec.commandLine().getOut()::println);
        int most = Collections.max(counts);
        List<Result> measured = new ArrayList<>();
        boolean good = true;
        for (int count : counts) {
            try (Session session = new Session(count, coreType, log)) {
                for (Row row : rows) {
                    if (row.large() && quick || row instanceof MemoryRow && count != most) {
                        continue;
                    }
                    try {
                        Result result = measure(row, session, quick ? Effort.QUICK : Effort.FULL);
                        measured.add(result);
                        show(result, lines);
                    } catch (IllegalStateException e) {
                        spec.commandLine()
                                .getErr()
                                .println("lehr: " + row.name() + ": " + firstLine(e) + " (more in " + log + ")");
                        session.rest();
                        good = false;
                    }
                }
            }
        }
        if (results) {
            ResultsPage.write(
                    ResultsPage.location(), "./lehr bench --results" + (quick ? " --quick" : ""), facts, measured);
        }
        return good;
    }

    private static String firstLine(Exception problem) {
        String message = String.valueOf(problem.getMessage());
        return message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE) + " ...";
    }

    private void show(Result result, PrintWriter lines) {
        spec.commandLine().getOut().println(ResultTable.line(result));
        if (lines != null) {
            lines.println(ResultJson.line(result));
            lines.flush();
        }
    }

    private static Result measure(Row row, Session session, Effort effort) {
        return switch (row) {
            case Operation operation -> OperationComparison.measure(operation, session, effort);
            case StepRow step -> StepComparison.measure(step, session, effort);
            case JvmPeerRow peer -> JvmPeerComparison.measure(peer, session, effort);
            case MemoryRow memory -> MemoryComparison.measure(memory, session);
            case DecodingRow decoding -> DecodingComparison.measure(decoding, session);
        };
    }

    private List<Row> rows() {
        try {
            List<Row> rows = Catalog.matching(pattern);
            if (rows.isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(), "no benchmark matches '" + pattern + "'; --list prints their names");
            }
            return rows;
        } catch (PatternSyntaxException e) {
            throw new ParameterException(
                    spec.commandLine(), "'" + pattern + "' is not a regular expression: " + e.getDescription(), e);
        }
    }

    private List<Integer> threadCounts() {
        int most = Runtime.getRuntime().availableProcessors();
        for (int count : threads) {
            if (count < 1 || count > most) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--threads: expected numbers from 1 to " + most + ", which this machine has, got " + count);
            }
        }
        if (!threads.isEmpty()) {
            return threads.stream().distinct().toList();
        }
        return quick || most == 1 ? List.of(most) : List.of(1, most);
    }

    private PrintWriter writer() {
        try {
            return new PrintWriter(Files.newBufferedWriter(json));
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "--json: cannot write to " + json + ": " + reason(e), e);
        }
    }

    private static String reason(IOException problem) {
        return switch (problem) {
            case NoSuchFileException _ -> "its folder does not exist";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException e when e.getReason() != null -> e.getReason();
            default -> problem.toString();
        };
    }
}
