package org.lehr.engine.distributed;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// What ranks that are threads share.
final class LocalWorld {

    private record Way(int channel, int from, int to) {}

    private final Duration patience;
    private final ConcurrentHashMap<Way, BlockingQueue<LocalMessages.Message>> mailboxes = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<Header> doing;
    private final AtomicReferenceArray<String> left;
    private volatile String broken;

    /// @param patience how long a rank waits for another
    LocalWorld(int size, Duration patience) {
        this.patience = patience;
        doing = new AtomicReferenceArray<>(size);
        left = new AtomicReferenceArray<>(size);
    }

    int size() {
        return doing.length();
    }

    Duration patience() {
        return patience;
    }

    BlockingQueue<LocalMessages.Message> mailbox(int channel, int from, int to) {
        return mailboxes.computeIfAbsent(new Way(channel, from, to), _ -> new LinkedBlockingQueue<>());
    }

    /// Notes what a rank does.
    void enter(int rank, Header header) {
        doing.set(rank, header);
        if (broken != null) {
            throw new CommunicationException(broken);
        }
    }

    /// What a rank does, in words that continue `rank 3, which`.
    String lastSeen(int rank) {
        Header header = doing.get(rank);
        return header == null ? "has not begun anything" : "was last in " + header;
    }

    /// Why nothing comes from a rank any more; null while something may come.
    String failure(int rank) {
        String gone = left.get(rank);
        return broken != null ? broken : gone == null ? null : "rank " + rank + " " + gone;
    }

    /// Lets everything fail from now on; the first reason counts.
    synchronized CommunicationException breaks(String reason, Throwable cause) {
        broken = broken == null ? reason : broken;
        return new CommunicationException(broken, cause);
    }

    void leave(int rank, String reason) {
        left.compareAndSet(rank, null, reason);
    }
}
