package org.lehr.engine.distributed.telemetry;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/// Simulated time for real collectives: each rank has a clock of its own, a message leaves at the sender's time and
/// takes
/// the time of its link, and whoever reads it is then at least as late. What comes out depends on no real clock.
///
/// For the collectives of ranks in one process, which wait for each before they begin the next; single sends and
/// receives
/// take no time.
public final class SimulatedLinks {

    private record Way(int channel, int from, int to) {}

    private final long[] now;
    private final long[][] links;
    private final Map<Way, Queue<Long>> arrivals = new HashMap<>();

    /// @param ranks whose clocks begin at 0
    public SimulatedLinks(int ranks) {
        now = new long[ranks];
        links = new long[ranks][ranks];
    }

    /// Lets time pass on a rank, as if it computed.
    public synchronized void pass(int rank, long nanos) {
        now[rank] += nanos;
    }

    /// Sets how long messages take from one rank to another.
    public synchronized void link(int from, int to, long nanos) {
        links[from][to] = nanos;
    }

    /// The clock of a rank.
    public RankClock clock(int rank) {
        return new RankClock() {
            @Override
            public long nanos() {
                synchronized (SimulatedLinks.this) {
                    return now[rank];
                }
            }

            @Override
            public void sends(int channel, int to) {
                synchronized (SimulatedLinks.this) {
                    arrivals.computeIfAbsent(new Way(channel, rank, to), _ -> new ArrayDeque<>())
                            .add(now[rank] + links[rank][to]);
                }
            }

            @Override
            public void receives(int channel, int from) {
                synchronized (SimulatedLinks.this) {
                    now[rank] = Math.max(
                            now[rank],
                            arrivals.get(new Way(channel, from, rank)).remove());
                }
            }
        };
    }

    /// The latest of all clocks.
    public synchronized long elapsed() {
        return Arrays.stream(now).max().orElse(0);
    }
}
