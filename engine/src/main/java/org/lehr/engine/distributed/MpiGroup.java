package org.lehr.engine.distributed;

import java.time.Duration;
import java.util.function.Function;
import org.lehr.engine.distributed.telemetry.CollectiveTelemetry;

/// Ranks that are processes, on one machine or several, started by Open MPI's `mpirun` or by a batch system that knows
/// it. Needs the library of Open MPI 4 and native access. A sub-group speaks through the same library.
public final class MpiGroup {

    private MpiGroup() {}

    /// Runs `body` as this process's rank. All processes that were started together call it, once.
    ///
    /// When it fails, the others are told so and fail as well; this process should then end with an exit status
    /// that is
    /// not 0, upon which `mpirun` ends all.
    ///
    /// @param patience how long a rank waits for another before all fail, such as [LocalGroup#USUAL_PATIENCE]
    /// @throws CommunicationException when there is no Open MPI
    public static <T> T run(Duration patience, Function<Communicator, T> body) {
        MpiMessages messages = new MpiMessages(new Mpi(), patience);
        return MessageCommunicator.run(messages, CollectiveTelemetry.of(messages.rank()), body);
    }
}
