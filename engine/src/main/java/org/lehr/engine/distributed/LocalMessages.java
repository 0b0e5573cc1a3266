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

    /// What a rank says of itself when it has nothing more to do, continuing `rank 3`.
    static final String IN_PEACE = "has left";

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
        Vigil vigil = new Vigil(rank, to, message.header, world.patience());
        while (true) {
            String failure = world.failure(to);
            try {
                message.read.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException _) {
                requireHope(vigil, failure, to);
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
        Vigil vigil = new Vigil(rank, from, expected, world.patience());
        while (true) {
            String failure = world.failure(from);
            try {
                Message message = world.mailbox(channel, from, rank).poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (message != null) {
                    return message;
                }
            } catch (InterruptedException e) {
                throw world.breaks(interrupted(expected), e);
            }
            requireHope(vigil, failure, from);
        }
    }

    private void requireHope(Vigil vigil, String failure, int other) {
        String lost = vigil.lost(failure, world.lastSeen(other));
        if (lost != null) {
            throw world.breaks(lost, null);
        }
    }

    private String interrupted(Header header) {
        Thread.currentThread().interrupt();
        return header + ": rank " + rank + " was interrupted";
    }

    @Override
    public void leave(String reason) {
        world.leave(rank, reason);
    }

    @Override
    public void close() {
        world.leave(rank, IN_PEACE);
    }
}
