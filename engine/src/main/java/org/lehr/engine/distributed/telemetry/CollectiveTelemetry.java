package org.lehr.engine.distributed.telemetry;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The notes of one rank: its last collectives in a ring, and whom it waits for now. May be used by several threads.
///
/// Collectives also become events `lehr.Collective` of the flight recorder.
public final class CollectiveTelemetry {

    /// How many collectives are kept where nothing else is said: some seconds of training.
    public static final int USUAL_CAPACITY = 4096;

    /// For whom a rank waits.
    ///
    /// @param rank that waits
    /// @param peer that has not sent
    /// @param since nanoseconds of the rank's clock
    /// @param operation that it is in
    public record Waiting(int rank, int peer, long since, String operation) {}

    private final int rank;
    private final int capacity;
    private final RankClock clock;
    private final ArrayDeque<CollectiveRecord> ring = new ArrayDeque<>();
    private volatile Waiting waiting;
    private volatile long iteration;
    private long lost;

    /// @param rank whose notes these are
    /// @param capacity how many collectives are kept until they are [drained][#drain]
    public CollectiveTelemetry(int rank, int capacity, RankClock clock) {
        if (rank < 0 || capacity < 1) {
            throw new IllegalArgumentException(
                    "telemetry: needs a rank and room for a collective, got " + rank + " and " + capacity);
        }
        this.rank = rank;
        this.capacity = capacity;
        this.clock = clock;
    }

    /// Of real time, with the usual capacity.
    public static CollectiveTelemetry of(int rank) {
        return new CollectiveTelemetry(rank, USUAL_CAPACITY, RankClock.system());
    }

    public int rank() {
        return rank;
    }

    /// The time of this rank, in nanoseconds.
    public long nanos() {
        return clock.nanos();
    }

    /// Notes that a step of training begins; all ranks do so at the same place.
    public void nextIteration() {
        iteration++;
    }

    /// How many have begun.
    public long iteration() {
        return iteration;
    }

    /// Whom this rank waits for now.
    public Optional<Waiting> waiting() {
        return Optional.ofNullable(waiting);
    }

    /// Takes the notes out, the oldest first.
    public synchronized List<CollectiveRecord> drain() {
        List<CollectiveRecord> drained = List.copyOf(ring);
        ring.clear();
        return drained;
    }

    /// How many notes had to give way to later ones.
    public synchronized long lost() {
        return lost;
    }

    private synchronized void keep(CollectiveRecord done) {
        if (ring.size() == capacity) {
            ring.removeFirst();
            lost++;
        }
        ring.addLast(done);
    }

    /// Begins the notes of a collective.
    ///
    /// @param iteration in which it was called
    public Timing begin(int group, String operation, long sequence, long iteration, long bytes) {
        CollectiveEvent event = new CollectiveEvent();
        event.begin();
        return new Timing(
                new CollectiveRecord(
                        group, operation, sequence, iteration, bytes, clock.nanos(), 0, List.of(), List.of()),
                event);
    }

    /// The notes of a collective that goes on. For one thread.
    public final class Timing implements AutoCloseable {

        private final CollectiveRecord begun;
        private final CollectiveEvent event;
        private final List<CollectiveRecord.Exchange> waits = new ArrayList<>();
        private final List<CollectiveRecord.Exchange> lags = new ArrayList<>();
        private long waited;
        private long since;

        private Timing(CollectiveRecord begun, CollectiveEvent event) {
            this.begun = begun;
            this.event = event;
        }

        /// Notes that a message is sent.
        public void sends(int channel, int to) {
            lags.add(new CollectiveRecord.Exchange(to, waited));
            clock.sends(channel, to);
        }

        /// Notes that a message is waited for.
        public void waits(int from) {
            since = clock.nanos();
            waiting = new Waiting(rank, from, since, begun.operation());
        }

        /// Notes that it has come.
        public void receives(int channel, int from) {
            clock.receives(channel, from);
            long nanos = clock.nanos() - since;
            waiting = null;
            waited += nanos;
            waits.add(new CollectiveRecord.Exchange(from, nanos));
        }

        /// Notes that the collective is done, or has failed.
        @Override
        public void close() {
            CollectiveRecord done = new CollectiveRecord(
                    begun.group(),
                    begun.operation(),
                    begun.sequence(),
                    begun.iteration(),
                    begun.bytes(),
                    begun.begin(),
                    clock.nanos(),
                    waits,
                    lags);
            keep(done);
            event.finish(rank, done);
        }
    }
}
