package org.lehr.kernels.reduction;

import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// The inputs of a reduction, read block by block and swept over. For one thread; holds scratch memory until closed.
interface Blocks extends AutoCloseable {

    /// The longest block: what a float32 sum adds before its result goes on in float64.
    int LENGTH = 4096;

    /// Takes the inputs number `start .. start + count` of the output whose first input stands at `base`, in
    /// elements from the beginning of the view. `count` is at most [#LENGTH].
    void read(long base, long start, int count);

    /// Sweeps over the block taken last.
    double sweep(Pass pass, double shift);

    /// The place in the block taken last of the first element that equals `value`, or is NaN when `value` is.
    int find(double value);

    @Override
    void close();

    /// The fast blocks for float32 and bfloat16, those in float64 for float64 and for products, whose range float32
    /// would leave in between.
    static Blocks of(View in, ReductionLayout layout, boolean product) {
        return product || in.dtype() == DType.FLOAT64 ? new DoubleBlocks(in, layout) : new FloatBlocks(in, layout);
    }
}
