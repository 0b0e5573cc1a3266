package org.lehr.kernels.reduction;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.lehr.kernels.View;

/// A reduction's dimensions in their simplest equal form: those of extent 1 dropped, ordered from the largest stride of
/// the input to the smallest (repeating ones outermost), and merged where one continues the other.
///
/// So a permuted view reduces exactly as the array that it permutes, and the output's strides change nothing: the
/// outputs in the order of `keptShape` stand in the output as `outShape` and `outStrides` say, which may be merged
/// otherwise. Strides count elements.
record ReductionLayout(
        long[] keptShape, long[] keptIn, long[] outShape, long[] outStrides, long[] reducedShape, long[] reducedIn) {

    /// Splits the dimensions of `in` into those that `dimensions` names and the rest.
    static ReductionLayout of(View out, View in, int... dimensions) {
        boolean[] named = new boolean[in.rank()];
        for (int dimension : dimensions) {
            named[dimension] = true;
        }
        List<long[]> kept = new ArrayList<>();
        List<long[]> reduced = new ArrayList<>();
        for (int d = 0; d < in.rank(); d++) {
            long extent = in.shape()[d];
            if (extent != 1) {
                (named[d] ? reduced : kept).add(new long[] {extent, in.strides()[d], named[d] ? 0 : out.strides()[d]});
            }
        }
        // The sort is stable, so that equal strides keep their order; a stride of 0 counts as the largest.
        Comparator<long[]> byStride = Comparator.comparingLong((long[] d) -> d[1] == 0 ? Long.MAX_VALUE : d[1])
                .reversed();
        kept.sort(byStride);
        reduced.sort(byStride);
        List<long[]> read = merged(kept, 1);
        List<long[]> written = merged(kept, 2);
        List<long[]> inner = merged(reduced, 1);
        return new ReductionLayout(
                column(read, 0),
                column(read, 1),
                column(written, 0),
                column(written, 2),
                column(inner, 0),
                column(inner, 1));
    }

    /// A walk over the inputs' bases, output after output.
    Walk read() {
        return new Walk(keptShape, keptIn);
    }

    /// A walk over the outputs in the same order.
    Walk written() {
        return new Walk(outShape, outStrides);
    }

    /// A walk over the inputs of one output.
    Walk walk() {
        return new Walk(reducedShape, reducedIn);
    }

    /// How many outputs there are.
    long kept() {
        return product(keptShape);
    }

    /// How many inputs go into each output.
    long reduced() {
        return product(reducedShape);
    }

    /// Whether the inputs of one output stand side by side.
    boolean reducedIsDense() {
        return reducedIn.length == 0 || reducedIn.length == 1 && reducedIn[0] == 1;
    }

    /// How many neighbouring outputs have neighbouring inputs; 0 when the innermost kept dimension is strided.
    long columns() {
        int last = keptShape.length - 1;
        return last >= 0 && keptIn[last] == 1 ? keptShape[last] : 0;
    }

    /// Joins neighbours where the strides in place `by` continue each other.
    private static List<long[]> merged(List<long[]> dimensions, int by) {
        List<long[]> result = new ArrayList<>();
        for (long[] next : dimensions) {
            long[] last = result.isEmpty() ? null : result.getLast();
            if (last != null && last[by] == next[0] * next[by]) {
                long[] joined = next.clone();
                joined[0] *= last[0];
                result.set(result.size() - 1, joined);
            } else {
                result.add(next);
            }
        }
        return result;
    }

    private static long[] column(List<long[]> rows, int column) {
        return rows.stream().mapToLong(row -> row[column]).toArray();
    }

    private static long product(long[] shape) {
        long product = 1;
        for (long extent : shape) {
            product *= extent;
        }
        return product;
    }
}
