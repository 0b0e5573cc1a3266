package org.lehr.engine.train;

/// What one training step did.
///
/// @param step its number, from 1
/// @param loss the mean loss of its batches, in nats
/// @param rate the learning rate that was used
/// @param gradientNorm the norm of the whole gradient before clipping
/// @param items how many items its batches counted
/// @param seconds how long it took
public record StepReport(long step, double loss, double rate, double gradientNorm, long items, double seconds) {

    /// Items per second.
    public double throughput() {
        return items / seconds;
    }
}
