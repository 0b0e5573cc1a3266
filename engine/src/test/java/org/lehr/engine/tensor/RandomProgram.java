package org.lehr.engine.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Extremum;
import org.lehr.engine.tensor.op.Gelu;
import org.lehr.engine.tensor.op.Lerp;
import org.lehr.engine.tensor.op.Maximum;
import org.lehr.engine.tensor.op.Mean;
import org.lehr.engine.tensor.op.Sum;
import org.lehr.engine.tensor.op.Where;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.ReleasedMemoryException;

/// A random sequence of operations over tensors that broadcast to each other, with views, reductions, reads, in-place
/// writes and releases in between, and a backward pass: everything that it shows follows from its seed.
final class RandomProgram {

    private static final long[][] SIZES = {{1, 1}, {7, 13}, {37, 53}, {3, 1500}, {263, 127}};

    private final Random random;
    private final List<Tensor> values = new ArrayList<>();
    private final List<Tensor> leaves = new ArrayList<>();
    private final List<double[]> seen = new ArrayList<>();
    private final long rows;
    private final long columns;

    RandomProgram(long seed) {
        random = new Random(seed);
        long[] size = SIZES[random.nextInt(SIZES.length)];
        rows = size[0];
        columns = size[1];
    }

    /// Every value that was read, all gradients, and instead of them the exception when there is one.
    List<Object> run() {
        DType dtype = random.nextInt(4) == 0 ? DType.FLOAT64 : DType.FLOAT32;
        for (long[] shape : new long[][] {{rows, columns}, {rows, columns}, {columns}, {rows, 1}, {}}) {
            leaf(dtype, shape);
        }
        try {
            int steps = 3 + random.nextInt(14);
            for (int i = 0; i < steps; i++) {
                step();
            }
            Tensor total = values.getLast().to(DType.FLOAT32).sum();
            for (Tensor value : values.subList(leaves.size(), values.size())) {
                total = total.add(value.to(DType.FLOAT32).mul(0.5).mean());
            }
            seen.add(total.toDoubleArray());
            if (total.requiresGradient()) {
                total.backward();
            }
            for (Tensor leaf : leaves) {
                seen.add(
                        leaf.gradient() == null
                                ? new double[0]
                                : leaf.gradient().toDoubleArray());
            }
        } catch (TensorException | ReleasedMemoryException refused) {
            return List.of(refused.getClass().getName(), String.valueOf(refused.getMessage()));
        }
        return seen.stream()
                .<Object>map(array -> Arrays.hashCode(
                        Arrays.stream(array).mapToLong(Double::doubleToLongBits).toArray()))
                .toList();
    }

    private void leaf(DType dtype, long... shape) {
        double[] numbers = new double[(int) Shape.of(shape).size()];
        Arrays.setAll(
                numbers, i -> random.nextInt(50) == 0 ? Math.round(random.nextGaussian()) : random.nextGaussian());
        Tensor value = Tensor.of(numbers, shape).to(dtype);
        Tensor leaf = random.nextInt(3) > 0 ? value.requiringGradient() : value;
        leaf.storage().complete();
        leaves.add(leaf);
        values.add(leaf);
    }

    private Tensor any() {
        int from = random.nextBoolean() ? 0 : Math.max(0, values.size() - 3);
        return values.get(from + random.nextInt(values.size() - from));
    }

    private void step() {
        Tensor x = any();
        Tensor y = any().to(x.dtype());
        Tensor z = any().to(x.dtype());
        switch (random.nextInt(26)) {
            case 0, 1, 2 -> values.add(x.add(y));
            case 3, 4 -> values.add(x.sub(y));
            case 5, 6, 7 -> values.add(x.mul(y));
            case 8 -> values.add(x.relu());
            case 9 -> values.add(x.tanh());
            case 10 -> values.add(x.sigmoid().mul(y));
            case 11 -> values.add(x.mul(0.3).add(1.5));
            case 12 -> values.add(Maximum.maximum(x, y));
            case 13 -> values.add(Where.where(Compare.greater(x, y), z, y));
            case 14 -> values.add(Gelu.geluTanh(x));
            case 15 -> values.add(x.to(DType.BFLOAT16).add(y.to(DType.BFLOAT16)).to(x.dtype()));
            case 16 -> values.add(x.to(DType.FLOAT64).square().to(DType.FLOAT32));
            case 17 -> values.add(Lerp.lerp(x, y, z));
            case 18 -> values.add(x.div(y.square().add(1)));
            case 19 -> values.add(x.add(y).neg().exp().add(1).log());
            case 20 -> values.add(reduced(x.mul(y)));
            case 21 -> values.add(x.reshape(x.size()).mul(2).reshape(x.shape().toArray()));
            case 22 -> seen.add(any().toDoubleArray());
            case 23 -> overwrite(any());
            case 24 -> release();
            default -> values.add(x.mul(x).add(x).mul(y).sub(x).sub(y.mul(z)));
        }
    }

    private Tensor reduced(Tensor x) {
        if (x.rank() < 2) {
            return random.nextBoolean() ? Sum.sum(x, true) : Mean.mean(x, true);
        }
        int[] dimensions = random.nextBoolean() ? new int[] {1} : random.nextBoolean() ? new int[] {0} : new int[0];
        return switch (random.nextInt(3)) {
            case 0 -> Sum.sum(x, true, dimensions);
            case 1 -> Mean.mean(x, true, dimensions);
            default -> Extremum.max(x, true, dimensions);
        };
    }

    /// A graph that saved the old value refuses its backward pass, with fusion or without.
    private void overwrite(Tensor tensor) {
        double value = random.nextGaussian();
        int way = random.nextInt(3);
        Recording.off(() -> {
            switch (way) {
                case 0 -> tensor.fill(value);
                case 1 -> tensor.addInPlace(Tensor.scalar(value).to(tensor.dtype()));
                default -> tensor.copyFrom(tensor.mul(0.5).add(1));
            }
            return tensor;
        });
    }

    private void release() {
        if (values.size() > leaves.size()) {
            Tensor last = values.removeLast();
            boolean shared = values.stream().anyMatch(value -> value.storage() == last.storage());
            if (!shared) {
                last.storage().release();
            }
        }
    }
}
