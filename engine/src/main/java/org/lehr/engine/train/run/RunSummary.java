package org.lehr.engine.train.run;

import java.nio.file.Path;

/// One line of the table of runs. Numbers that were never logged are NaN.
///
/// @param name the folder's name
/// @param path the folder
/// @param condition how the run stands
/// @param step the last logged step
/// @param loss the last training loss, nats per token
/// @param validationLoss the last validation loss, nats per token
/// @param bitsPerByte the last validation loss in bits per byte
/// @param tokensPerSecond the last throughput
public record RunSummary(
        String name,
        Path path,
        Condition condition,
        long step,
        double loss,
        double validationLoss,
        double bitsPerByte,
        double tokensPerSecond) {

    /// How a run stands, from its status and from whether a process holds it.
    public enum Condition {
        /// A process is writing it.
        RUNNING,
        /// It came to its end.
        FINISHED,
        /// It was stopped in order, and can be resumed.
        INTERRUPTED,
        /// It ended with an error.
        FAILED,
        /// Its process ended without a word; it can be resumed from its last checkpoint.
        KILLED,
        /// Its files cannot be read.
        DAMAGED
    }
}
