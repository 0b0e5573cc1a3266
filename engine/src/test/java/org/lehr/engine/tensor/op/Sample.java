package org.lehr.engine.tensor.op;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// A use of an operation that the contract looks at.
///
/// @param label the operation's name, and what is special about this use
/// @param function what is computed
/// @param inputs float64 numbers, indices and masks; of unequal, unfriendly extents
/// @param kind what derivatives there are
/// @param edges further inputs of `function`: empty ones and those of one element
/// @param named operations that the graphs of this sample do not show, such as those without gradient
record Sample(
        String label,
        Function<Tensor[], Tensor> function,
        Tensor[] inputs,
        Kind kind,
        List<Tensor[]> edges,
        Set<Class<? extends Op>> named) {

    /// What derivatives a sample has.
    enum Kind {
        /// First and second.
        SMOOTH,
        /// None: the result is an index, a mask, or constant between jumps.
        CONSTANT,
        /// Too many elements for central differences: only values are compared.
        LARGE
    }

    static Sample of(String label, Function<Tensor[], Tensor> function, Tensor... inputs) {
        return new Sample(label, function, inputs, Kind.SMOOTH, List.of(), Set.of());
    }

    Sample constant() {
        return new Sample(label, function, inputs, Kind.CONSTANT, edges, named);
    }

    Sample large() {
        return new Sample(label, function, inputs, Kind.LARGE, edges, named);
    }

    /// With inputs at an edge, where values and gradients must be right too.
    Sample edge(Tensor... more) {
        List<Tensor[]> all = new ArrayList<>(edges);
        all.add(more);
        return new Sample(label, function, inputs, kind, List.copyOf(all), named);
    }

    Sample using(Class<? extends Op> operation) {
        return new Sample(label, function, inputs, kind, edges, Set.of(operation));
    }

    @Override
    public String toString() {
        return label;
    }

    /// Standard normal float64 numbers, the same for the same shape.
    static Tensor normal(long... extents) {
        return new RandomStream(17).normal(DType.FLOAT64, extents);
    }

    /// Other standard normal numbers for another `seed`.
    static Tensor normalOf(long seed, long... extents) {
        return new RandomStream(seed).normal(DType.FLOAT64, extents);
    }

    /// Numbers in `[low, high)`.
    static Tensor between(double low, double high, long... extents) {
        Tensor uniform = new RandomStream(23).uniform(DType.FLOAT64, extents);
        return uniform.mul(high - low).add(low);
    }

    /// Numbers at least 0.1 from each other and from zero, shuffled, for functions that jump or have corners.
    static Tensor apart(long... extents) {
        int size = (int) Shape.of(extents).size();
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = ((i * 7L + 3) % 1009 - 20) * 0.2 + 0.07;
        }
        return Tensor.of(values, extents);
    }
}
