package org.lehr.engine.nn.attention;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// A learned number for each head and each bucket of distances (T5; Raffel et al. 2020): `weight [buckets, heads]`.
///
/// Half of the buckets (of each direction, where both are looked at) stand for one distance each, the others for
/// ranges that grow exponentially up to `farthest`; what is beyond falls into the last.
public final class BucketedPositions extends Module implements Positions {

    /// Which distances share a bucket.
    ///
    /// @param buckets in all; 32 in T5
    /// @param farthest the distance from which on all share a bucket; 128 in T5
    /// @param both whether keys behind a query have buckets of their own (encoders), or share that of distance 0
    public record Buckets(int buckets, int farthest, boolean both) implements PositionScheme {
        public Buckets {
            int exact = (both ? buckets / 2 : buckets) / 2;
            if (exact < 1 || both && buckets % 2 != 0 || farthest <= exact) {
                throw new IllegalArgumentException("bucketed positions: needs at least 2 buckets a direction and a"
                        + " farthest distance beyond half of them, got " + buckets + (both ? " for both" : " for one")
                        + " directions and " + farthest);
            }
        }

        /// The bucket of a key `distance = j − i` behind its query.
        public int of(long distance) {
            int each = both ? buckets / 2 : buckets;
            int first = both && distance > 0 ? each : 0;
            long back = both ? Math.abs(distance) : Math.max(0, -distance);
            int exact = each / 2;
            if (back < exact) {
                return first + (int) back;
            }
            double ratio = StrictMath.log((double) back / exact) / StrictMath.log((double) farthest / exact);
            return first + Math.min(each - 1, exact + (int) (ratio * (each - exact)));
        }

        @Override
        public Positions make(AttentionForm form, long context, RandomStream random) {
            double deviation = 1 / Math.sqrt(form.width());
            return new BucketedPositions(form.heads(), this, Initializer.normal(deviation), random);
        }
    }

    private final Buckets buckets;
    private final Parameter weight;

    /// @param heads query heads
    public BucketedPositions(long heads, Buckets buckets, Initializer initializer, RandomStream random) {
        if (heads < 1) {
            throw new IllegalArgumentException("bucketed positions: needs at least one head, got " + heads);
        }
        this.buckets = buckets;
        Shape shape = Shape.of(buckets.buckets, heads);
        weight = parameter("weight", initializer.make(DType.FLOAT32, shape, random.split("weight")))
                .withoutDecay();
    }

    @Override
    public Tensor bias(Tensor q, long count) {
        int queries = Math.toIntExact(q.extent(2));
        int keys = Math.toIntExact(count);
        // A bucket depends on the distance alone, which goes from 1 − keys to queries − 1.
        int[] byDistance = new int[queries + keys];
        for (int i = 0; i < byDistance.length; i++) {
            byDistance[i] = buckets.of(i - (keys - 1));
        }
        long[] places = new long[Math.multiplyExact(queries, keys)];
        for (int i = 0; i < queries; i++) {
            for (int j = 0; j < keys; j++) {
                places[i * keys + j] = byDistance[j - (keys - queries) - i + keys - 1];
            }
        }
        Tensor rows = org.lehr.engine.tensor.op.Embedding.embedding(weight.value(), Tensor.of(places, queries, keys));
        return rows.permute(2, 0, 1).unsqueeze(0).to(q.dtype());
    }
}
