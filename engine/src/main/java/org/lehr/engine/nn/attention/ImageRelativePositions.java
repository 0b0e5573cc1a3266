package org.lehr.engine.nn.attention;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Attention;
import org.lehr.engine.tensor.op.Gather;
import org.lehr.engine.tensor.op.ScatterAdd;
import org.lehr.kernels.DType;

/// Relative positions of the patches of an image (Wu et al. 2021). A pair of patches falls into a bucket by its offset
/// (see [ImageBuckets]); each bucket has a learned number for each head, or a vector whose product with the query or
/// the
/// key is added to the score, or a vector that is added to the values. All are zero at first.
public final class ImageRelativePositions extends Module implements ContextualPositions {

    /// What is learned for each bucket, and where it is added.
    ///
    /// @param buckets how offsets fall into buckets
    /// @param bias a number, added to the score
    /// @param onQueries a vector, whose product with the query is added
    /// @param onKeys a vector, whose product with the key is added
    /// @param onValues a vector, added to the value
    /// @param shared whether the heads share them
    public record Form(
            ImageBuckets buckets, boolean bias, boolean onQueries, boolean onKeys, boolean onValues, boolean shared)
            implements PositionScheme {

        @Override
        public Positions make(AttentionForm form, long context, RandomStream random) {
            return new ImageRelativePositions(this, form);
        }

        @Override
        public boolean perLayer() {
            return true;
        }
    }

    private final Form form;
    private final long headWidth;
    private final double scale;
    private final Tensor[] places;
    private final Parameter[] bias;
    private final Parameter[] onQueries;
    private final Parameter[] onKeys;
    private final Parameter[] onValues;

    /// @param attention whose scores these are for
    public ImageRelativePositions(Form form, AttentionForm attention) {
        this.form = form;
        headWidth = attention.headWidth();
        double given = attention.choices().scale();
        scale = Double.isNaN(given) ? 1 / Math.sqrt(headWidth) : given;
        places = form.buckets.places();
        long heads = form.shared ? 1 : attention.heads();
        bias = form.bias ? tables("bias", heads, 1) : new Parameter[0];
        onQueries = form.onQueries ? tables("rpe_q", heads, headWidth) : new Parameter[0];
        onKeys = form.onKeys ? tables("rpe_k", heads, headWidth) : new Parameter[0];
        onValues = form.onValues ? tables("rpe_v", heads, headWidth) : new Parameter[0];
    }

    /// A table `[heads, width, buckets]` for each way of falling into buckets.
    private Parameter[] tables(String name, long heads, long width) {
        Parameter[] tables = new Parameter[places.length];
        for (int i = 0; i < tables.length; i++) {
            Shape shape = Shape.of(heads, width, form.buckets.count());
            Tensor zero = Initializer.constant(0).make(DType.FLOAT32, shape, null);
            tables[i] = parameter(name + (i == 0 ? "" : "_" + i), zero);
        }
        return tables;
    }

    @Override
    public Tensor bias(Tensor q, Tensor k) {
        long patches = form.buckets.length();
        if (q.extent(2) != patches || k.extent(2) != patches) {
            throw new IllegalArgumentException("image positions: made for " + patches + " places, got queries "
                    + q.shape() + " and keys " + k.shape());
        }
        Tensor sum = null;
        for (int i = 0; i < bias.length; i++) {
            Tensor each = bias[i].value().to(q.dtype()).expand(bias[i].own().extent(0), patches, form.buckets.count());
            sum = plus(sum, picked(each.unsqueeze(0), places[i]));
        }
        for (int i = 0; i < onQueries.length; i++) {
            Tensor products = q.mul(scale).matmul(onQueries[i].value().to(q.dtype()));
            sum = plus(sum, picked(products, places[i]));
        }
        for (int i = 0; i < onKeys.length; i++) {
            Tensor products = Attention.repeatHeads(k, q.extent(1))
                    .mul(scale)
                    .matmul(onKeys[i].value().to(q.dtype()));
            sum = plus(sum, picked(products, places[i].transpose(0, 1)).transpose(-1, -2));
        }
        return sum;
    }

    private static Tensor plus(Tensor sum, Tensor more) {
        return sum == null ? more : sum.add(more);
    }

    /// `x [b, h, t, buckets], places [t, s] → [b, h, t, s]`
    private static Tensor picked(Tensor x, Tensor places) {
        long[] shape = {x.extent(0), x.extent(1), places.extent(0), places.extent(1)};
        return Gather.gather(x, 3, places.expand(shape));
    }

    @Override
    public boolean addsToValues() {
        return form.onValues;
    }

    @Override
    public Tensor of(Tensor weights) {
        Tensor sum = null;
        for (int i = 0; i < onValues.length; i++) {
            long[] shape = weights.shape().toArray();
            shape[3] = form.buckets.count();
            Tensor zero = Tensor.full(0, weights.device(), weights.dtype(), shape);
            Tensor share = ScatterAdd.scatterAdd(
                    zero, 3, places[i].expand(weights.shape().toArray()), weights);
            sum = plus(sum, share.matmul(onValues[i].value().to(weights.dtype()).transpose(-1, -2)));
        }
        return sum;
    }
}
