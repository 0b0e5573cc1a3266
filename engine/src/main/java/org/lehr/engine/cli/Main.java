package org.lehr.engine.cli;

import java.io.PrintWriter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.DeviceMismatchException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// The `lehr` command.
@Command(
        name = "lehr",
        description = "A JVM-native tensor engine with handwritten kernels. Try: lehr train",
        version = "lehr 0.1.0",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        subcommands = {
            TrainCommand.class,
            GenerateCommand.class,
            EvaluateCommand.class,
            TokenizerCommand.class,
            RunsCommand.class,
            CompareCommand.class,
            TaskCommand.class,
            SchedulesCommand.class,
            PapersCommand.class,
            ReproduceCommand.class,
            InfoCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Main implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Print the stack trace of an error, for reports to the developers.")
    private boolean stackTrace;

    @Option(
            names = "--device",
            scope = ScopeType.INHERIT,
            paramLabel = "NAME",
            defaultValue = "cpu",
            description = "Where to compute: cpu or cuda. Default: ${DEFAULT-VALUE}")
    private String device;

    /// Runs the command line and exits: 0 when all went well, 1 when the work failed, 2 when the command line is
    /// wrong.
    public static void main(String[] arguments) {
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), arguments));
    }

    /// Runs the command line with these writers and returns the exit code.
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        Main main = new Main();
        CommandLine commandLine = new CommandLine(main)
                .setOverwrittenOptionsAllowed(true)
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((problem, words) -> refuse(problem))
                .setExecutionStrategy(main::compute)
                .setExecutionExceptionHandler((problem, line, parsed) -> main.fail(problem, line));
        return commandLine.execute(arguments);
    }

    /// Runs the command that was given on the device that was chosen.
    private int compute(ParseResult parsed) {
        try {
            return Device.of(device).with(() -> new RunLast().execute(parsed));
        } catch (DeviceMismatchException unusable) {
            return fail(unusable, spec.commandLine());
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private static int refuse(ParameterException problem) {
        CommandLine line = problem.getCommandLine();
        line.getErr().println("lehr: " + problem.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(problem, line.getErr());
        line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }

    private int fail(Exception problem, CommandLine line) {
        if (stackTrace) {
            problem.printStackTrace(line.getErr());
        } else {
            String message = problem.getMessage() == null ? problem.toString() : problem.getMessage();
            line.getErr().println("lehr: " + message.lines().findFirst().orElse(problem.toString()));
        }
        return CommandLine.ExitCode.SOFTWARE;
    }
}
