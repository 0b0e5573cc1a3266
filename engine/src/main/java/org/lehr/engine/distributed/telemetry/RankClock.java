package org.lehr.engine.distributed.telemetry;

import java.util.concurrent.TimeUnit;

/// Tells a rank its time. It hears of all messages, so that a simulated one can let them take time.
public interface RankClock {

    /// Nanoseconds that never go back.
    long nanos();

    /// Hears that this rank sends to another.
    ///
    /// @param channel messages of one channel between two ranks arrive in order
    default void sends(int channel, int to) {}

    /// Hears that what another rank sent has come.
    default void receives(int channel, int from) {}

    /// Real time, since 1970 by the clock of the machine when the rank began.
    static RankClock system() {
        long offset = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - System.nanoTime();
        return () -> offset + System.nanoTime();
    }
}
