package org.lehr.engine.distributed.telemetry;

import java.util.List;

/// What a rank noted of one collective. Times are nanoseconds of the rank's [RankClock].
///
/// @param group the group of ranks in which it was, 0 for that of all
/// @param operation such as `all-reduce`
/// @param sequence which operation of the group it was, from 0
/// @param iteration of training, from 1; 0 before the first
/// @param bytes of the tensor
/// @param begin when this rank came to it
/// @param end when it was done here
/// @param waits how long this rank waited for each message, in the order of reading
/// @param lags how long this rank had waited for others in this collective when it sent each message, in the order of
///     sending: it is not to be blamed for as much
public record CollectiveRecord(
        int group,
        String operation,
        long sequence,
        long iteration,
        long bytes,
        long begin,
        long end,
        List<Exchange> waits,
        List<Exchange> lags) {

    /// A time that belongs to a message from or to another rank.
    ///
    /// @param peer the other, counted among all ranks
    /// @param nanos not negative
    public record Exchange(int peer, long nanos) {}

    public CollectiveRecord {
        waits = List.copyOf(waits);
        lags = List.copyOf(lags);
    }

    /// All waits together.
    public long waited() {
        return waits.stream().mapToLong(Exchange::nanos).sum();
    }
}
