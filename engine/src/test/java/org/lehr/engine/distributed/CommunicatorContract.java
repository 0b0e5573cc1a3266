package org.lehr.engine.distributed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Maximum;
import org.lehr.kernels.DType;

/// What any communicator does, checked by each of its ranks: all of them call [#check].
final class CommunicatorContract {

    private static final long[] SIZES = {0, 1, 5, 1000};

    private final Communicator ranks;
    private final int rank;
    private final int size;

    private CommunicatorContract(Communicator ranks) {
        this.ranks = ranks;
        rank = ranks.rank();
        size = ranks.size();
    }

    /// Calls everything, and returns a number that depends on all results.
    static double check(Communicator communicator) {
        CommunicatorContract contract = new CommunicatorContract(communicator);
        contract.broadcasts();
        double sums = contract.reductions();
        contract.gathers();
        contract.exchanges();
        contract.messages();
        contract.overlaps();
        contract.groups();
        contract.refusals();
        communicator.barrier().await();
        return sums;
    }

    /// What rank `of` holds: known to all.
    private static Tensor of(int of, DType dtype, long... extents) {
        return new RandomStream(17)
                .split(of)
                .normal(DType.FLOAT64, extents)
                .mul(100)
                .to(dtype);
    }

    private void broadcasts() {
        for (int root = 0; root < size; root++) {
            for (DType dtype : DType.values()) {
                for (long n : SIZES) {
                    Tensor x = of(rank, dtype, n);
                    ranks.broadcast(x, root).await();
                    assertArrayEquals(of(root, dtype, n).toDoubleArray(), x.toDoubleArray());
                }
            }
        }
    }

    private double reductions() {
        double sums = 0;
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16, DType.INT64, DType.INT32)) {
            for (Reduction reduction : Reduction.values()) {
                for (long n : SIZES) {
                    if (reduction == Reduction.MEAN && !dtype.isFloating()) {
                        continue;
                    }
                    Tensor expected = folded(reduction, dtype, n * size);
                    Tensor x = of(rank, dtype, n * size);
                    ranks.allReduce(x, reduction).await();
                    assertArrayEquals(expected.toDoubleArray(), x.toDoubleArray(), reduction + " of " + dtype);
                    Tensor part = of(rank, dtype, n);
                    ranks.reduceScatter(part, of(rank, dtype, n * size), reduction)
                            .await();
                    Tensor mine = expected.slice(0, rank * n, (rank + 1) * n);
                    assertArrayEquals(mine.toDoubleArray(), part.toDoubleArray(), reduction + " of " + dtype);
                    sums += Arrays.stream(x.toDoubleArray()).sum();
                }
            }
        }
        return sums;
    }

    /// In the order of ranks, bfloat16 in float32, by operations on tensors.
    private Tensor folded(Reduction reduction, DType dtype, long n) {
        DType wide = dtype == DType.BFLOAT16 ? DType.FLOAT32 : dtype;
        Tensor sum = of(0, dtype, n).to(wide);
        for (int i = 1; i < size; i++) {
            Tensor next = of(i, dtype, n).to(wide);
            sum = switch (reduction) {
                case SUM, MEAN -> sum.add(next);
                case MAX -> max(sum, next);
                case MIN -> max(sum.neg(), next.neg()).neg();
            };
        }
        return (reduction == Reduction.MEAN ? sum.mul(1.0 / size) : sum).to(dtype);
    }

    private static Tensor max(Tensor a, Tensor b) {
        return Maximum.maximum(a, b);
    }

    private void gathers() {
        for (long n : SIZES) {
            Tensor all = Tensor.zeros(n * size, 2);
            ranks.allGather(all, of(rank, DType.FLOAT32, n, 2)).await();
            float[] expected = ofAll(n).toFloatArray();
            assertArrayEquals(expected, all.toFloatArray());
            for (int root = 0; root < size; root++) {
                Tensor gathered = rank == root ? Tensor.zeros(n * size, 2) : null;
                ranks.gather(gathered, of(rank, DType.FLOAT32, n, 2), root).await();
                if (rank == root) {
                    assertArrayEquals(expected, gathered.toFloatArray());
                }
                Tensor part = Tensor.zeros(n, 2);
                ranks.scatter(part, rank == root ? ofAll(n) : null, root).await();
                assertArrayEquals(of(rank, DType.FLOAT32, n, 2).toFloatArray(), part.toFloatArray());
            }
        }
    }

    private Tensor ofAll(long n) {
        Tensor all = Tensor.zeros(n * size, 2);
        for (int i = 0; i < size; i++) {
            all.slice(0, i * n, (i + 1) * n).copyFrom(of(i, DType.FLOAT32, n, 2));
        }
        return all;
    }

    /// Rank i sends `(i + 2j) % 4` rows to rank j, among them none at all.
    private void exchanges() {
        LongBinaryOperator count = (from, to) -> (from + 2 * to) % 4;
        long[] sent = IntStream.range(0, size)
                .mapToLong(to -> count.applyAsLong(rank, to))
                .toArray();
        long[] received = IntStream.range(0, size)
                .mapToLong(from -> count.applyAsLong(from, rank))
                .toArray();
        Tensor in = of(rank, DType.INT64, Arrays.stream(sent).sum(), 3);
        Tensor out = Tensor.of(
                        new long[Math.toIntExact(3 * Arrays.stream(received).sum())])
                .reshape(Arrays.stream(received).sum(), 3);
        ranks.allToAll(out, received, in, sent).await();
        long at = 0;
        for (int from = 0; from < size; from++) {
            int other = from;
            long before = IntStream.range(0, rank)
                    .mapToLong(to -> count.applyAsLong(other, to))
                    .sum();
            long all = IntStream.range(0, size)
                    .mapToLong(to -> count.applyAsLong(other, to))
                    .sum();
            Tensor expected = of(from, DType.INT64, all, 3).slice(0, before, before + received[from]);
            assertArrayEquals(
                    expected.toLongArray(),
                    out.slice(0, at, at + received[from]).toLongArray());
            at += received[from];
        }
    }

    /// Around the ring in both directions, receives begun before sends.
    private void messages() {
        if (size == 1) {
            return;
        }
        int next = (rank + 1) % size;
        int last = (rank + size - 1) % size;
        Tensor first = Tensor.zeros(7);
        Tensor second = Tensor.zeros(3);
        Pending received = Pending.all(List.of(ranks.receive(first, last), ranks.receive(second, last)));
        ranks.send(of(rank, DType.FLOAT32, 7), next).await();
        ranks.send(of(rank + 100, DType.FLOAT32, 3), next).await();
        received.await();
        assertArrayEquals(of(last, DType.FLOAT32, 7).toFloatArray(), first.toFloatArray());
        assertArrayEquals(of(last + 100, DType.FLOAT32, 3).toFloatArray(), second.toFloatArray());
    }

    /// Many at once, awaited backwards.
    private void overlaps() {
        List<Tensor> xs = new ArrayList<>();
        List<Pending> begun = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            xs.add(Tensor.full(rank + i, Device.cpu(), DType.FLOAT32, 100 * i));
            begun.add(ranks.allReduce(xs.get(i), Reduction.SUM));
        }
        for (int i = 19; i >= 0; i--) {
            begun.get(i).await();
            double expected = size * (size - 1) / 2.0 + size * i;
            for (double value : xs.get(i).toDoubleArray()) {
                assertEquals(expected, value);
            }
        }
    }

    /// Even and odd ranks, the latter backwards, and groups of these again.
    private void groups() {
        try (Communicator half = ranks.split(rank % 2, rank % 2 == 0 ? rank : -rank)) {
            int members = (size + 1 - rank % 2) / 2;
            assertEquals(members, half.size());
            assertEquals(rank % 2 == 0 ? rank / 2 : members - 1 - rank / 2, half.rank());
            Tensor x = Tensor.scalar(rank);
            half.allReduce(x, Reduction.SUM).await();
            double expected =
                    IntStream.range(0, size).filter(i -> i % 2 == rank % 2).sum();
            assertEquals(expected, x.item());
            try (Communicator alone = half.split(half.rank(), 0)) {
                assertEquals(1, alone.size());
                alone.barrier().await();
            }
        }
    }

    private void refusals() {
        Tensor x = Tensor.zeros(4, 6);
        assertThrows(IllegalArgumentException.class, () -> ranks.broadcast(x, size));
        assertThrows(IllegalArgumentException.class, () -> ranks.broadcast(x, -1));
        assertThrows(IllegalArgumentException.class, () -> ranks.send(x, rank));
        assertThrows(IllegalArgumentException.class, () -> ranks.allReduce(x.transpose(0, 1), Reduction.SUM));
        assertThrows(IllegalArgumentException.class, () -> ranks.allReduce(null, Reduction.SUM));
        assertThrows(
                IllegalArgumentException.class, () -> ranks.allReduce(Tensor.of(new boolean[] {true}), Reduction.SUM));
        assertThrows(IllegalArgumentException.class, () -> ranks.allReduce(Tensor.of(new int[] {1}), Reduction.MEAN));
        assertThrows(
                IllegalArgumentException.class,
                () -> ranks.allReduce(Tensor.zeros(2).requiringGradient(), Reduction.SUM));
        assertThrows(IllegalArgumentException.class, () -> ranks.allGather(Tensor.zeros(4 * size + 1, 6), x));
        assertThrows(IllegalArgumentException.class, () -> ranks.allGather(Tensor.of(new int[4 * size]), x));
        assertThrows(IllegalArgumentException.class, () -> ranks.reduceScatter(x, x.reshape(24), Reduction.SUM));
        assertThrows(IllegalArgumentException.class, () -> ranks.allToAll(x, new long[size], x, new long[size]));
    }
}
