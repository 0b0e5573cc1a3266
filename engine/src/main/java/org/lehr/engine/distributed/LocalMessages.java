package org.lehr.engine.distributed;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Messages between threads: the receiver reads the bytes where the sender has them.
final class LocalMessages implements Messages {

    /// A message that is on its way. It is done when the receiver has read it.
    record Message(Header header, MemorySegment bytes, CompletableFuture<Void> read) {}

    /// How long a wait goes before it looks whether the other is still there.
    private static final long LOOK_MILLIS = 20;

    private final LocalWorld world;
    private final int rank;

    LocalMessages(LocalWorld world, int rank) {
        this.world = world;
        this.rank = rank;
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return world.size();
    }

    @Override
    public Pending send(int channel, int to, Header header, MemorySegment bytes) {
        world.enter(rank, header);
        Message message = new Message(header, bytes, new CompletableFuture<>());
        world.mailbox(channel, rank, to).add(message);
        return new Pending() {
            @Override
            public void await() {
                LocalMessages.this.await(message, to);
            }

            @Override
            public boolean isDone() {
                return message.read.isDone() || world.failure(to) != null;
            }
        };
    }

    private void await(Message message, int to) {
        Patience patience = new Patience(to, message.header);
        while (true) {
            try {
                message.read.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException _) {
                patience.check();
            } catch (InterruptedException e) {
                throw world.breaks(interrupted(message.header), e);
            } catch (ExecutionException e) {
                throw new CommunicationException(e.getCause().getMessage(), e);
            }
        }
    }

    @Override
    public void receive(int channel, int from, Header expected, MemorySegment target) {
        read(channel, from, expected, target.byteSize(), target::copyFrom);
    }

    @Override
    public void read(int channel, int from, Header expected, long size, Consumer<MemorySegment> reader) {
        world.enter(rank, expected);
        Message message = next(channel, from, expected);
        if (!message.header.equals(expected) || message.bytes.byteSize() != size) {
            throw world.breaks(
                    "rank " + rank + " is in " + expected + ", rank " + from + " in " + message.header, null);
        }
        reader.accept(message.bytes);
        message.read.complete(null);
    }

    private Message next(int channel, int from, Header expected) {
        Patience patience = new Patience(from, expected);
        while (true) {
            try {
                Message message = world.mailbox(channel, from, rank).poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (message != null) {
                    return message;
                }
            } catch (InterruptedException e) {
                throw world.breaks(interrupted(expected), e);
            }
            patience.check();
        }
    }

    private String interrupted(Header header) {
        Thread.currentThread().interrupt();
        return header + ": rank " + rank + " was interrupted";
    }

    /// A wait for another rank.
    private final class Patience {

        private final long begin = System.nanoTime();
        private final int other;
        private final Header header;

        Patience(int other, Header header) {
            this.other = other;
            this.header = header;
        }

        void check() {
            String failure = world.failure(other);
            if (failure != null) {
                throw world.breaks(header + ": rank " + rank + " waits in vain: " + failure, null);
            }
            if (System.nanoTime() - begin > world.patience().toNanos()) {
                throw world.breaks(
                        header + ": rank " + rank + " has waited "
                                + world.patience().toMillis() + " ms for rank " + other + ", which "
                                + world.lastSeen(other),
                        null);
            }
        }
    }

    @Override
    public void leave(String reason) {
        world.leave(rank, reason);
    }

    @Override
    public void close() {}
}
