package org.lehr.engine.distributed;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.lehr.engine.distributed.telemetry.CollectiveTelemetry;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// All operations by messages from rank to rank, so that they are the same however messages travel.
///
/// Moves take each byte over each link once. An all-reduce is a reduce-scatter and an all-gather: every rank folds its
/// share of the elements in the order of ranks and sends the result to the others, `2 (p − 1)/p` of the bytes in and
/// out, which no method undercuts.
final class MessageCommunicator implements Communicator {

    private static final int DIRECT = 0;
    private static final int ORDERED = 1;
    private static final int KINDS = 2;
    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

    private final Messages messages;
    private final int channel;
    private final int[] members;
    private final int rank;
    private final AtomicInteger nextChannel;
    private final Queue queue;
    private final Queue direct;
    private final long[] sent;
    private final long[] received;
    private final CollectiveTelemetry telemetry;
    private long sequence;
    /// Of the operation that the queue is doing, for its thread.
    private CollectiveTelemetry.Timing timing;

    /// The group of all ranks.
    MessageCommunicator(Messages messages, CollectiveTelemetry telemetry) {
        this(messages, 0, IntStream.range(0, messages.size()).toArray(), new AtomicInteger(1), telemetry);
    }

    /// @param channel of this group alone
    /// @param members the ranks of the group among all, this one included
    /// @param nextChannel the first that this rank has not seen used
    private MessageCommunicator(
            Messages messages, int channel, int[] members, AtomicInteger nextChannel, CollectiveTelemetry telemetry) {
        this.messages = messages;
        this.telemetry = telemetry;
        this.channel = channel * KINDS;
        this.members = members;
        this.nextChannel = nextChannel;
        rank = IntStream.range(0, members.length)
                .filter(i -> members[i] == messages.rank())
                .findFirst()
                .orElseThrow();
        queue = new Queue("lehr-rank-" + messages.rank() + "-" + channel);
        direct = new Queue("lehr-rank-" + messages.rank() + "-" + channel + "-direct");
        sent = new long[members.length];
        received = new long[members.length];
    }

    /// Runs `body` as a rank, and tells the others when it fails.
    static <T> T run(Messages messages, CollectiveTelemetry telemetry, Function<Communicator, T> body) {
        Communicator communicator = new MessageCommunicator(messages, telemetry);
        try {
            T value = body.apply(communicator);
            communicator.close();
            return value;
        } catch (RuntimeException | Error e) {
            messages.leave("failed: " + e);
            communicator.close();
            throw e;
        }
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return members.length;
    }

    @Override
    public CollectiveTelemetry telemetry() {
        return telemetry;
    }

    @Override
    public Pending broadcast(Tensor x, int root) {
        requireRank(Operation.BROADCAST, root);
        MemorySegment bytes = Buffers.written(Operation.BROADCAST, x);
        Header header = header(Operation.BROADCAST, root, x);
        return begin(header, () -> broadcast(bytes, header, root), x);
    }

    /// Along a binomial tree: whoever has the bytes sends them on, so that their number doubles in each round.
    private void broadcast(MemorySegment bytes, Header header, int root) {
        int size = members.length;
        int place = Math.floorMod(rank - root, size);
        int reach = Integer.highestOneBit(Math.max(size - 1, 1)) << 1;
        if (place != 0) {
            reach = Integer.lowestOneBit(place);
            receive((place - reach + root) % size, header, bytes);
        }
        List<Pending> sends = new ArrayList<>();
        for (int far = reach >> 1; far > 0; far >>= 1) {
            if (place + far < size) {
                sends.add(send((place + far + root) % size, header, bytes));
            }
        }
        Pending.all(sends).await();
    }

    @Override
    public Pending allReduce(Tensor x, Reduction reduction) {
        MemorySegment bytes = Buffers.written(Operation.ALL_REDUCE, x);
        Header header = header(Operation.ALL_REDUCE, reduction.ordinal(), x);
        requireReducible(header, reduction);
        return begin(
                header,
                () -> {
                    Parts parts = evenParts(x);
                    foldParts(parts.of(bytes, rank), bytes, parts, header, reduction);
                    gatherParts(bytes, parts, header);
                },
                x);
    }

    /// Sends the parts of `bytes` to those that fold them, and folds this rank's into `target`, where its own is.
    private void foldParts(MemorySegment target, MemorySegment bytes, Parts parts, Header header, Reduction reduction) {
        Pending sends = sendParts(bytes, parts, header);
        long elements = parts.elements(rank);
        new RankOrder(reduction, header.dtype(), elements, members.length)
                .fold(target, rank, (from, reader) -> read(from, header, parts.bytes(rank), reader));
        sends.await();
    }

    /// Sends this rank's part to all others, and receives theirs.
    private void gatherParts(MemorySegment bytes, Parts parts, Header header) {
        Pending sends = toOthers(other -> send(other, header, parts.of(bytes, rank)));
        receiveParts(bytes, parts, header);
        sends.await();
    }

    private Pending sendParts(MemorySegment bytes, Parts parts, Header header) {
        return toOthers(other -> send(other, header, parts.of(bytes, other)));
    }

    private void receiveParts(MemorySegment bytes, Parts parts, Header header) {
        for (int other : others()) {
            receive(other, header, parts.of(bytes, other));
        }
    }

    private Pending toOthers(IntFunction<Pending> send) {
        return Pending.all(IntStream.of(others()).mapToObj(send).toList());
    }

    private Parts evenParts(Tensor whole) {
        return Parts.even(whole.size(), members.length, whole.dtype().bytes());
    }

    @Override
    public Pending reduceScatter(Tensor out, Tensor in, Reduction reduction) {
        MemorySegment target = Buffers.written(Operation.REDUCE_SCATTER, out);
        MemorySegment bytes = Buffers.read(Operation.REDUCE_SCATTER, in);
        Buffers.requireParts(Operation.REDUCE_SCATTER, members.length, in, out);
        Header header = header(Operation.REDUCE_SCATTER, reduction.ordinal(), in);
        requireReducible(header, reduction);
        return begin(
                header,
                () -> {
                    Parts parts = evenParts(in);
                    MemorySegment.copy(parts.of(bytes, rank), 0, target, 0, target.byteSize());
                    foldParts(target, bytes, parts, header, reduction);
                },
                out,
                in);
    }

    @Override
    public Pending allGather(Tensor out, Tensor in) {
        MemorySegment all = Buffers.written(Operation.ALL_GATHER, out);
        MemorySegment bytes = Buffers.read(Operation.ALL_GATHER, in);
        Buffers.requireParts(Operation.ALL_GATHER, members.length, out, in);
        Header header = header(Operation.ALL_GATHER, 0, in);
        return begin(
                header,
                () -> {
                    Parts parts = evenParts(out);
                    MemorySegment.copy(bytes, 0, parts.of(all, rank), 0, bytes.byteSize());
                    gatherParts(all, parts, header);
                },
                out,
                in);
    }

    @Override
    public Pending allToAll(Tensor out, long[] receivedRows, Tensor in, long[] sentRows) {
        MemorySegment target = Buffers.written(Operation.ALL_TO_ALL, out);
        MemorySegment bytes = Buffers.read(Operation.ALL_TO_ALL, in);
        Buffers.requireAlike(Operation.ALL_TO_ALL, out, in);
        Parts into = Parts.rows(out, members.length, receivedRows);
        Parts from = Parts.rows(in, members.length, sentRows);
        if (from.elements(rank) != into.elements(rank)) {
            throw new IllegalArgumentException("all-to-all: rank " + rank + " sends itself " + from.elements(rank)
                    + " elements and receives " + into.elements(rank));
        }
        Header header = header(Operation.ALL_TO_ALL, 0, in);
        return begin(
                header,
                () -> {
                    Pending sends =
                            toOthers(other -> send(other, header.with(from.elements(other)), from.of(bytes, other)));
                    MemorySegment own = from.of(bytes, rank);
                    MemorySegment.copy(own, 0, into.of(target, rank), 0, own.byteSize());
                    for (int other : others()) {
                        receive(other, header.with(into.elements(other)), into.of(target, other));
                    }
                    sends.await();
                },
                out,
                in);
    }

    @Override
    public Pending gather(Tensor out, Tensor in, int root) {
        requireRank(Operation.GATHER, root);
        MemorySegment bytes = Buffers.read(Operation.GATHER, in);
        Header header = header(Operation.GATHER, root, in);
        if (rank != root) {
            return begin(header, () -> send(root, header, bytes).await(), in);
        }
        MemorySegment all = Buffers.written(Operation.GATHER, out);
        Buffers.requireParts(Operation.GATHER, members.length, out, in);
        return begin(
                header,
                () -> {
                    Parts parts = evenParts(out);
                    MemorySegment.copy(bytes, 0, parts.of(all, rank), 0, bytes.byteSize());
                    receiveParts(all, parts, header);
                },
                out,
                in);
    }

    @Override
    public Pending scatter(Tensor out, Tensor in, int root) {
        requireRank(Operation.SCATTER, root);
        MemorySegment target = Buffers.written(Operation.SCATTER, out);
        Header header = header(Operation.SCATTER, root, out);
        if (rank != root) {
            return begin(header, () -> receive(root, header, target), out);
        }
        MemorySegment all = Buffers.read(Operation.SCATTER, in);
        Buffers.requireParts(Operation.SCATTER, members.length, in, out);
        return begin(
                header,
                () -> {
                    Parts parts = evenParts(in);
                    Pending sends = sendParts(all, parts, header);
                    MemorySegment.copy(parts.of(all, rank), 0, target, 0, target.byteSize());
                    sends.await();
                },
                out,
                in);
    }

    @Override
    public Pending send(Tensor x, int to) {
        requireOther(to);
        MemorySegment bytes = Buffers.read(Operation.SEND, x);
        Header header = new Header(Operation.SEND, 0, sent[to]++, x.dtype(), x.size());
        return messages.send(channel + DIRECT, members[to], header, bytes);
    }

    @Override
    public Pending receive(Tensor x, int from) {
        requireOther(from);
        MemorySegment bytes = Buffers.written(Operation.SEND, x);
        Header header = new Header(Operation.SEND, 0, received[from]++, x.dtype(), x.size());
        return direct.begin(() -> messages.receive(channel + DIRECT, members[from], header, bytes), x);
    }

    @Override
    public Pending barrier() {
        Header header = new Header(Operation.BARRIER, 0, sequence++, DType.UINT8, 0);
        return begin(header, () -> {
            Pending sends = toOthers(other -> send(other, header, NOTHING));
            for (int other : others()) {
                receive(other, header, NOTHING);
            }
            sends.await();
        });
    }

    /// Each rank tells its colour, its key and the first channel that it has not seen used; the largest of these
    /// and
    /// those after it belong to the colours in their order.
    @Override
    public Communicator split(int colour, int key) {
        Tensor all = Tensor.of(new long[3 * members.length], members.length, 3);
        allGather(all, Tensor.of(new long[] {colour, key, nextChannel.get()}, 1, 3))
                .await();
        long[] told = all.toLongArray();
        int first = 0;
        for (int i = 0; i < members.length; i++) {
            first = Math.max(first, (int) told[3 * i + 2]);
        }
        int[] colours = IntStream.range(0, members.length)
                .map(i -> (int) told[3 * i])
                .sorted()
                .distinct()
                .toArray();
        nextChannel.set(first + colours.length);
        int[] chosen = IntStream.range(0, members.length)
                .filter(i -> told[3 * i] == colour)
                .boxed()
                .sorted((a, b) -> Long.compare(told[3 * a + 1], told[3 * b + 1]))
                .mapToInt(i -> members[i])
                .toArray();
        return new MessageCommunicator(
                messages, first + Arrays.binarySearch(colours, colour), chosen, nextChannel, telemetry);
    }

    @Override
    public void close() {
        queue.close();
        direct.close();
        if (channel == 0) {
            messages.close();
        }
    }

    private Header header(Operation operation, int detail, Tensor x) {
        return new Header(operation, detail, sequence++, x.dtype(), x.size());
    }

    private Pending begin(Header header, Runnable work, Tensor... held) {
        long iteration = telemetry.iteration();
        long size = header.elements() * header.dtype().bytes();
        return queue.begin(
                () -> {
                    try (var begun = telemetry.begin(
                            channel / KINDS, header.operation().toString(), header.sequence(), iteration, size)) {
                        timing = begun;
                        work.run();
                    }
                },
                held);
    }

    private Pending send(int to, Header header, MemorySegment bytes) {
        timing.sends(channel, members[to]);
        return messages.send(channel + ORDERED, members[to], header, bytes);
    }

    private void receive(int from, Header header, MemorySegment target) {
        timing.waits(members[from]);
        messages.receive(channel + ORDERED, members[from], header, target);
        timing.receives(channel, members[from]);
    }

    private void read(int from, Header header, long size, Consumer<MemorySegment> reader) {
        timing.waits(members[from]);
        messages.read(channel + ORDERED, members[from], header, size, seen -> {
            timing.receives(channel, members[from]);
            reader.accept(seen);
        });
    }

    /// The other ranks, the next one first, so that not all begin with the same.
    private int[] others() {
        return IntStream.range(1, members.length)
                .map(i -> (rank + i) % members.length)
                .toArray();
    }

    private void requireRank(Operation operation, int root) {
        if (root < 0 || root >= members.length) {
            throw new IllegalArgumentException(
                    operation + ": there is no rank " + root + " in a group of " + members.length);
        }
    }

    private void requireOther(int other) {
        requireRank(Operation.SEND, other);
        if (other == rank) {
            throw new IllegalArgumentException("send: rank " + rank + " cannot exchange messages with itself");
        }
    }

    private static void requireReducible(Header header, Reduction reduction) {
        boolean mean = reduction == Reduction.MEAN;
        if (header.dtype() == DType.BOOL || mean && !header.dtype().isFloating()) {
            throw new IllegalArgumentException(
                    header.operation() + ": there is no " + reduction + " of " + header.dtype());
        }
    }
}
