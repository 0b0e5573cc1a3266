package org.lehr.engine.cli;

import java.time.Duration;
import java.util.function.Consumer;
import org.lehr.engine.distributed.Communicator;
import org.lehr.engine.distributed.LocalGroup;
import org.lehr.engine.distributed.MpiGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The options that spread a run over ranks.
final class RankOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--ranks",
            paramLabel = "N",
            defaultValue = "1",
            description = "Train N copies in step, each on its share of every batch, as threads of this process."
                    + " Default: ${DEFAULT-VALUE}")
    private int ranks;

    @Option(
            names = "--communicator",
            paramLabel = "NAME",
            defaultValue = "local",
            description = "local, or mpi: this process is one rank of those that Open MPI's mpirun has started."
                    + " Default: ${DEFAULT-VALUE}")
    private String communicator;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long a rank waits for another before the run fails. Default: ${DEFAULT-VALUE}")
    private int patience;

    /// Whether there is one rank, which needs no others.
    boolean alone() {
        require(ranks >= 1, "--ranks must be at least 1, got " + ranks);
        require(patience >= 1, "--patience must be at least 1, got " + patience);
        require(
                communicator.equals("local") || communicator.equals("mpi"),
                "--communicator must be local or mpi, got " + communicator);
        require(
                ranks == 1 || communicator.equals("local"),
                "with --communicator mpi, mpirun says how many ranks there are: leave out --ranks");
        return ranks == 1 && communicator.equals("local");
    }

    private void require(boolean fine, String message) {
        if (!fine) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    /// Runs `body` for each rank of this process.
    void run(Consumer<Communicator> body) {
        Duration time = Duration.ofSeconds(patience);
        if (communicator.equals("mpi")) {
            MpiGroup.run(time, rank -> {
                body.accept(rank);
                return rank.size();
            });
        } else {
            new LocalGroup(ranks, time).run(rank -> {
                body.accept(rank);
                return rank.size();
            });
        }
    }
}
