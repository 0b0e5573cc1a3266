package org.lehr.bench;

import java.util.Arrays;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// A single operation, forward or forward and backward, timed by JMH. With the backward pass, every floating input
/// wants a gradient and the gradient of the result is random.
///
/// @param sum  how many terms the longest sum has; the tolerance of the check is `64·ε·√sum·max(1, largest expected)`
/// @param blas the same product for OpenBLAS, null where there is none
public record Operation(
        String name, Cost cost, boolean backward, double sum, Inputs inputs, Ours ours, Theirs theirs, BlasProduct blas)
        implements Row {

    /// Makes the inputs, the same for both engines.
    @FunctionalInterface
    public interface Inputs {
        Tensor[] from(RandomStream random);
    }

    /// The operation in Lehr.
    @FunctionalInterface
    public interface Ours {
        Tensor of(Tensor... inputs);
    }

    /// The operation in libtorch.
    @FunctionalInterface
    public interface Theirs {
        org.bytedeco.pytorch.Tensor of(org.bytedeco.pytorch.Tensor... inputs);
    }

    /// The forward pass on standard normal float32 inputs of these shapes.
    public static Operation forward(String name, Cost cost, Ours ours, Theirs theirs, long[]... shapes) {
        return new Operation(name, cost, false, longest(shapes), normal(DType.FLOAT32, shapes), ours, theirs, null);
    }

    /// As [#forward], with the backward pass.
    public static Operation both(String name, Cost cost, Ours ours, Theirs theirs, long[]... shapes) {
        return new Operation(name, cost, true, longest(shapes), normal(DType.FLOAT32, shapes), ours, theirs, null);
    }

    public Operation withInputs(Inputs others) {
        return new Operation(name, cost, backward, sum, others, ours, theirs, blas);
    }

    public Operation withSum(double terms) {
        return new Operation(name, cost, backward, terms, inputs, ours, theirs, blas);
    }

    public Operation withBlas(BlasProduct product) {
        return new Operation(name, cost, backward, sum, inputs, ours, theirs, product);
    }

    public static Inputs normal(DType dtype, long[]... shapes) {
        return random ->
                Arrays.stream(shapes).map(shape -> random.normal(dtype, shape)).toArray(Tensor[]::new);
    }

    private static double longest(long[]... shapes) {
        return Arrays.stream(shapes).flatMapToLong(Arrays::stream).max().orElse(1);
    }
}
