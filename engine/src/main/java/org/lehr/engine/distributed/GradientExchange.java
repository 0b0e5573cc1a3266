package org.lehr.engine.distributed;

import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;

/// Averages the gradients of one step over the ranks, while the backward pass still computes others: it is told of each
/// leaf whose gradient is complete, and a bucket travels when all of its gradients are.
///
/// Buckets and their order are the same on all ranks, whatever arrives where.
final class GradientExchange implements Consumer<Tensor> {

    private final Communicator ranks;
    private final List<Parameter> parameters;
    private final List<GradientBucket> buckets;
    private final Map<Tensor, GradientBucket> places = new IdentityHashMap<>();
    private final Map<GradientBucket, Integer> missing = new IdentityHashMap<>();
    private final List<Pending> begun = new ArrayList<>();

    /// @param parameters in the order of a forward pass
    GradientExchange(Communicator ranks, Collection<Parameter> parameters) {
        this.ranks = ranks;
        this.parameters = List.copyOf(parameters);
        buckets = GradientBucket.of(this.parameters.reversed());
        for (GradientBucket bucket : buckets) {
            missing.put(bucket, bucket.parameters().size());
            bucket.parameters().forEach(parameter -> places.put(parameter.own(), bucket));
        }
    }

    /// Notes that the gradient of `leaf` is complete.
    @Override
    public void accept(Tensor leaf) {
        GradientBucket bucket = places.remove(leaf);
        if (bucket != null) {
            missing.merge(bucket, -1, Integer::sum);
            while (begun.size() < buckets.size() && missing.get(buckets.get(begun.size())) == 0) {
                sendNext();
            }
        }
    }

    private void sendNext() {
        begun.add(ranks.allReduce(buckets.get(begun.size()).filled(), Reduction.MEAN));
    }

    /// Replaces the gradients by their means, after the backward pass. A parameter without a gradient on some ranks
    /// counts
    /// as zeros there; one without on all stays without.
    void finish() {
        while (begun.size() < buckets.size()) {
            sendNext();
        }
        Tensor present = Tensor.of(parameters.reversed().stream()
                .mapToInt(parameter -> parameter.gradient() == null ? 0 : 1)
                .toArray());
        ranks.allReduce(present, Reduction.MAX).await();
        double[] found = present.toDoubleArray();
        int next = 0;
        for (int i = 0; i < buckets.size(); i++) {
            begun.get(i).await();
            next = buckets.get(i).giveBack(found, next);
        }
    }
}
