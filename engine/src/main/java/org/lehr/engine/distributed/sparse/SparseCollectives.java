package org.lehr.engine.distributed.sparse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.lehr.engine.distributed.Communicator;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.SparseVolume;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Embedding;
import org.lehr.engine.tensor.op.RowSum;

/// Collectives over chunks, one for each expert, that stand on some ranks only (Qing et al. 2025). What a rank has is a
/// table with a row for each of its chunks, in the order of experts. All ranks call them with the same placements.
///
/// An owner sends to each rank by itself, so that what is sent is what [SparseVolume] says.
public final class SparseCollectives {

    private final Communicator communicator;
    private long sentBytes;
    private long receivedBytes;

    public SparseCollectives(Communicator communicator) {
        this.communicator = communicator;
    }

    /// The way to other ranks.
    public Communicator communicator() {
        return communicator;
    }

    /// Bytes of chunks that this rank has sent so far.
    public long sentBytes() {
        return sentBytes;
    }

    /// Bytes of chunks that this rank has received so far.
    public long receivedBytes() {
        return receivedBytes;
    }

    /// Brings chunks from their owners to all ranks that hold them in `copies`.
    /// `own [owned, n] → [held, n]`
    ///
    /// @param owners a partition
    /// @param copies includes `owners`
    public Tensor sparseAllGather(ExpertPlacement owners, ExpertPlacement copies, Tensor own) {
        requireFit("sparse all-gather", owners, copies, own, owners);
        int me = communicator.rank();
        List<Integer> rows = new ArrayList<>();
        long[] sent = new long[communicator.size()];
        int[] mine = owners.expertsOn(me);
        for (int rank = 0; rank < sent.length; rank++) {
            for (int i = 0; i < mine.length; i++) {
                if (rank != me && copies.holds(rank, mine[i])) {
                    rows.add(i);
                    sent[rank]++;
                }
            }
        }
        long[] received = new long[sent.length];
        Map<Integer, Integer> places = new HashMap<>();
        int[] held = copies.expertsOn(me);
        for (int rank = 0; rank < sent.length; rank++) {
            for (int expert : held) {
                if (rank != me && owners.holds(rank, expert)) {
                    places.put(expert, places.size());
                    received[rank]++;
                }
            }
        }
        for (int expert : mine) {
            places.put(expert, places.size());
        }
        int[] order = Arrays.stream(held).map(places::get).toArray();
        return Recording.off(() -> select(
                Concat.concat(0, exchange(own, rows, sent, received), own),
                IntStream.of(order).boxed().toList()));
    }

    /// Adds the chunks of all holders up at their owners, in the order of ranks. `held [held, n] → [owned, n]`
    ///
    /// @param copies includes `owners`
    /// @param owners a partition
    public Tensor sparseReduceScatter(ExpertPlacement copies, ExpertPlacement owners, Tensor held) {
        requireFit("sparse reduce-scatter", owners, copies, held, copies);
        return reduce(ExpertCopy.of(copies), owners, held);
    }

    /// As [#sparseReduceScatter] for any copies; those of an expert are added in their [order][ExpertCopy#order].
    ///
    /// @param copies of all ranks, by expert and order
    /// @param values one row for each copy on this rank, in their order
    Tensor reduce(List<ExpertCopy> copies, ExpertPlacement owners, Tensor values) {
        int me = communicator.rank();
        long[] sent = new long[communicator.size()];
        long[] received = new long[sent.length];
        List<Integer> rows = new ArrayList<>();
        Map<ExpertCopy, Integer> places = new HashMap<>();
        for (int rank = 0; rank < sent.length; rank++) {
            int row = 0;
            for (ExpertCopy copy : copies) {
                int owner = owners.owner(copy.expert());
                if (copy.rank() == me) {
                    if (owner == rank && rank != me) {
                        rows.add(row);
                        sent[rank]++;
                    }
                    row++;
                }
                if (copy.rank() == rank && rank != me && owner == me) {
                    places.put(copy, places.size());
                    received[rank]++;
                }
            }
        }
        int away = places.size();
        int row = 0;
        List<Integer> order = new ArrayList<>();
        List<Integer> targets = new ArrayList<>();
        int[] mine = owners.expertsOn(me);
        for (ExpertCopy copy : copies) {
            if (owners.owner(copy.expert()) == me) {
                order.add(copy.rank() == me ? away + row : places.get(copy));
                targets.add(Arrays.binarySearch(mine, copy.expert()));
            }
            row += copy.rank() == me ? 1 : 0;
        }
        return Recording.off(() -> RowSum.rowSum(
                select(Concat.concat(0, exchange(values, rows, sent, received), values), order),
                indices(targets),
                mine.length));
    }

    private Tensor exchange(Tensor table, List<Integer> rows, long[] sent, long... received) {
        long rowBytes = table.extent(1) * table.dtype().bytes();
        sentBytes += Arrays.stream(sent).sum() * rowBytes;
        receivedBytes += Arrays.stream(received).sum() * rowBytes;
        return RowExchange.exchange(communicator, select(table, rows), sent, received);
    }

    private static Tensor select(Tensor table, List<Integer> rows) {
        return Embedding.embedding(table, indices(rows));
    }

    static Tensor indices(List<Integer> rows) {
        return Tensor.of(rows.stream().mapToLong(Integer::longValue).toArray(), rows.size());
    }

    private void requireFit(
            String operation, ExpertPlacement owners, ExpertPlacement copies, Tensor table, ExpertPlacement of) {
        SparseVolume.requirePair(operation, owners, copies);
        if (owners.ranks() != communicator.size()) {
            throw new IllegalArgumentException(operation + ": a placement on " + owners.ranks()
                    + " ranks does not fit a group of " + communicator.size());
        }
        int rows = of.expertsOn(communicator.rank()).length;
        if (table.rank() != 2 || table.extent(0) != rows) {
            throw new ShapeMismatchException(operation + ": rank " + communicator.rank() + " has " + rows
                    + " chunks and needs a table [" + rows + ", n], got " + table.shape());
        }
    }
}
