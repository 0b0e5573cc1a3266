package org.lehr.engine.distributed;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Messages between processes. Each goes as its header and then its bytes in pieces, under the tag of its channel; a
/// tag of its own carries what ranks say of themselves when they leave or find that something is wrong.
final class MpiMessages implements Messages {

    private static final int WORDS = 0;
    private static final int FIRST_CHANNEL = 1;
    private static final char LEFT = 'l';
    private static final char BROKEN = 'b';
    private static final long PIECE = 1L << 30;
    private static final int BUSY_LOOKS = 200;
    private static final long PAUSE_NANOS = 50_000;

    private final Mpi mpi;
    private final Duration patience;
    private final AtomicReferenceArray<String> left;
    private final AtomicReferenceArray<Header> seen;
    private volatile String broken;
    private boolean failed;

    /// @param patience how long a rank waits for another
    MpiMessages(Mpi mpi, Duration patience) {
        this.mpi = mpi;
        this.patience = patience;
        left = new AtomicReferenceArray<>(mpi.size());
        seen = new AtomicReferenceArray<>(mpi.size());
    }

    @Override
    public int rank() {
        return mpi.rank();
    }

    @Override
    public int size() {
        return mpi.size();
    }

    @Override
    public Pending send(int channel, int to, Header header, MemorySegment bytes) {
        if (broken != null) {
            throw new CommunicationException(broken);
        }
        int tag = FIRST_CHANNEL + channel;
        MemorySegment words = words(header, bytes.byteSize());
        List<Mpi.Request> requests = new ArrayList<>();
        requests.add(mpi.send(words, to, tag));
        pieces(bytes, piece -> requests.add(mpi.send(piece, to, tag)));
        return new Pending() {
            private final MemorySegment held = words;

            @Override
            public void await() {
                until(to, header, this::isSent);
            }

            @Override
            public boolean isDone() {
                return isSent() || failure(to) != null;
            }

            private boolean isSent() {
                return held.byteSize() > 0 && requests.stream().allMatch(mpi::isDone);
            }
        };
    }

    @Override
    public void receive(int channel, int from, Header expected, MemorySegment target) {
        int tag = FIRST_CHANNEL + channel;
        MemorySegment words = words(expected, target.byteSize());
        MemorySegment told = Arena.ofAuto().allocate(words.byteSize(), Long.BYTES);
        receive(told, from, tag, expected);
        Header header = Header.of(told.toArray(ValueLayout.JAVA_LONG));
        seen.set(from, header);
        if (told.mismatch(words) >= 0) {
            throw breaks("rank " + rank() + " is in " + expected + ", rank " + from + " in " + header);
        }
        pieces(target, piece -> receive(piece, from, tag, expected));
    }

    /// Looks for the message before it asks for it: one that never comes leaves no request behind that could write
    /// into
    /// memory which others have by then.
    private void receive(MemorySegment target, int from, int tag, Header expected) {
        until(from, expected, () -> mpi.probe(from, tag) != null);
        Mpi.Request request = mpi.receive(target, from, tag);
        until(from, expected, () -> mpi.isDone(request));
    }

    @Override
    public void read(int channel, int from, Header expected, long size, Consumer<MemorySegment> reader) {
        try (var _ = Scope.open()) {
            MemorySegment bytes = Tensor.empty("message", Device.cpu(), DType.UINT8, Shape.of(size))
                    .view()
                    .storage()
                    .segment()
                    .asSlice(0, size);
            receive(channel, from, expected, bytes);
            reader.accept(bytes);
        }
    }

    private static MemorySegment words(Header header, long size) {
        long[] numbers = header.numbers();
        MemorySegment words = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, numbers.length + 1L);
        MemorySegment.copy(numbers, 0, words, ValueLayout.JAVA_LONG, 0, numbers.length);
        words.setAtIndex(ValueLayout.JAVA_LONG, numbers.length, size);
        return words;
    }

    private static void pieces(MemorySegment bytes, Consumer<MemorySegment> each) {
        for (long at = 0; at < bytes.byteSize(); at += PIECE) {
            each.accept(bytes.asSlice(at, Math.min(PIECE, bytes.byteSize() - at)));
        }
    }

    /// Waits until something is so, listening to what others say meanwhile.
    private void until(int other, Header header, BooleanSupplier done) {
        Vigil vigil = new Vigil(rank(), other, header, patience);
        for (long looks = 0; ; looks++) {
            listen();
            String failure = failure(other);
            if (done.getAsBoolean()) {
                return;
            }
            Header last = seen.get(other);
            String lost = vigil.lost(failure, last == null ? "has sent nothing" : "was last in " + last);
            if (lost != null) {
                throw breaks(lost);
            }
            pause(looks);
        }
    }

    private static void pause(long looks) {
        if (looks < BUSY_LOOKS) {
            Thread.yield();
        } else {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private String failure(int other) {
        String gone = left.get(other);
        return broken != null ? broken : gone == null ? null : "rank " + other + " " + gone;
    }

    /// Takes in one message of those in which ranks speak of themselves.
    private synchronized void listen() {
        Mpi.Arrived arrived = mpi.probe(Mpi.ANY_SOURCE, WORDS);
        if (arrived == null) {
            return;
        }
        MemorySegment target = Arena.ofAuto().allocate(arrived.bytes());
        Mpi.Request request = mpi.receive(target, arrived.from(), WORDS);
        while (!mpi.isDone(request)) {
            Thread.onSpinWait();
        }
        String text = new String(target.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        if (text.charAt(0) == BROKEN) {
            broken = broken == null ? text.substring(1) : broken;
        } else {
            left.compareAndSet(arrived.from(), null, text.substring(1));
        }
    }

    private void tell(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        MemorySegment words = Arena.global().allocate(bytes.length);
        words.copyFrom(MemorySegment.ofArray(bytes));
        for (int other = 0; other < size(); other++) {
            if (other != rank()) {
                mpi.send(words, other, WORDS);
            }
        }
    }

    /// Lets everything fail from now on, here and elsewhere; the first reason counts.
    private synchronized CommunicationException breaks(String reason) {
        if (broken == null) {
            broken = reason;
            tell(BROKEN + reason);
        }
        return new CommunicationException(broken);
    }

    @Override
    public void leave(String reason) {
        failed = true;
        tell(LEFT + reason);
    }

    /// Ends the library when all others have left in peace. Otherwise the process ends without, and `mpirun` ends
    /// those
    /// that do not find out by themselves.
    @Override
    public void close() {
        if (failed || broken != null) {
            return;
        }
        tell(LEFT + LocalMessages.IN_PEACE);
        long begin = System.nanoTime();
        for (long looks = 0; broken == null && System.nanoTime() - begin < patience.toNanos(); looks++) {
            listen();
            if (othersHaveLeft()) {
                mpi.end();
                return;
            }
            pause(looks);
        }
    }

    private boolean othersHaveLeft() {
        for (int other = 0; other < size(); other++) {
            if (other != rank() && !LocalMessages.IN_PEACE.equals(left.get(other))) {
                return false;
            }
        }
        return true;
    }
}
