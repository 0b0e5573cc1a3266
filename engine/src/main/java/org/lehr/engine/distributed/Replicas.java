package org.lehr.engine.distributed;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Keeps the same module on all ranks: each takes the gradient on its share of a batch, and all take the same step with
/// the mean. The optimizers of all ranks must be alike and have no more than the gradients to go by.
public final class Replicas {

    /// Bytes of gradients that travel together: enough that a message's fixed cost does not count.
    private static final long BUCKET = 8L << 20;

    /// Numbers of each random stream that belong to one rank: no training takes as many.
    private static final int STREAM_BITS = 40;

    private final Communicator ranks;
    private final Module module;

    /// @param ranks that each have such a module; all make this object
    public Replicas(Communicator ranks, Module module) {
        this.ranks = ranks;
        this.module = module;
    }

    public int size() {
        return ranks.size();
    }

    /// Brings all ranks to the state of the first, and moves each to random numbers of its own, so that no two
    /// ranks drop
    /// the same units. Called once, before the first step and after a checkpoint was loaded.
    public void align() {
        List<Pending> begun = new ArrayList<>();
        module.state().values().forEach(tensor -> begun.add(ranks.broadcast(tensor.detach(), 0)));
        Pending.all(begun).await();
        for (RandomStream stream : module.streams().values()) {
            RandomStream.State state = stream.state();
            stream.restore(new RandomStream.State(state.key(), state.counter() + ((long) ranks.rank() << STREAM_BITS)));
        }
    }

    /// The parameters whose gradients travel together, and these one behind the other.
    private record Bucket(List<Parameter> parameters, Tensor flat) {

        static Bucket of(List<Parameter> parameters) {
            long size = parameters.stream()
                    .mapToLong(parameter -> parameter.own().size())
                    .sum();
            Bucket bucket = new Bucket(
                    List.copyOf(parameters),
                    Tensor.full(0, Device.cpu(), parameters.getFirst().own().dtype(), size));
            bucket.each((parameter, part) -> {
                if (parameter.gradient() != null) {
                    part.copyFrom(parameter.gradient());
                }
            });
            return bucket;
        }

        interface Part {
            void of(Parameter parameter, Tensor part);
        }

        void each(Part work) {
            long at = 0;
            for (Parameter parameter : parameters) {
                long size = parameter.own().size();
                work.of(
                        parameter,
                        flat.slice(0, at, at + size)
                                .reshape(parameter.own().shape().toArray()));
                at += size;
            }
        }

        void giveBack() {
            each((parameter, part) -> {
                if (parameter.gradient() == null) {
                    Tensor own = Tensor.empty("gradient", Device.cpu(), part.dtype(), part.shape());
                    own.copyFrom(part);
                    parameter.own().setGradient(own);
                } else {
                    parameter.gradient().copyFrom(part);
                }
            });
        }
    }

    /// Replaces the gradients by their mean over the ranks. A parameter without a gradient on some ranks counts as
    /// zeros
    /// there; one without on all stays without. While one bucket travels, the next is filled.
    public void averageGradients() {
        Recording.off(() -> {
            try (var _ = Scope.open()) {
                List<Bucket> buckets = new ArrayList<>();
                List<Pending> begun = new ArrayList<>();
                for (List<Parameter> parameters : together(withGradients())) {
                    Bucket bucket = Bucket.of(parameters);
                    buckets.add(bucket);
                    begun.add(ranks.allReduce(bucket.flat, Reduction.MEAN));
                }
                for (int i = 0; i < buckets.size(); i++) {
                    begun.get(i).await();
                    buckets.get(i).giveBack();
                }
            }
            return null;
        });
    }

    /// Those that have a gradient on any rank, the last of the module first.
    private List<Parameter> withGradients() {
        List<Parameter> all = List.copyOf(module.parameters().values()).reversed();
        Tensor present = Tensor.of(all.stream()
                .mapToInt(parameter -> parameter.gradient() == null ? 0 : 1)
                .toArray());
        ranks.allReduce(present, Reduction.MAX).await();
        double[] found = present.toDoubleArray();
        List<Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < found.length; i++) {
            if (found[i] != 0) {
                parameters.add(all.get(i));
            }
        }
        return parameters;
    }

    private static List<List<Parameter>> together(List<Parameter> parameters) {
        Map<DType, List<Parameter>> open = new LinkedHashMap<>();
        Map<DType, Long> bytes = new LinkedHashMap<>();
        List<List<Parameter>> buckets = new ArrayList<>();
        for (Parameter parameter : parameters) {
            DType dtype = parameter.own().dtype();
            open.computeIfAbsent(dtype, _ -> new ArrayList<>()).add(parameter);
            if (bytes.merge(dtype, parameter.own().size() * dtype.bytes(), Long::sum) >= BUCKET) {
                buckets.add(open.remove(dtype));
                bytes.remove(dtype);
            }
        }
        buckets.addAll(open.values());
        return buckets;
    }

    /// Brings what modules note in a step, such as running means, together: the mean over ranks, and of whole
    /// numbers those
    /// of the first rank.
    public void averageBuffers() {
        Map<String, Parameter> parameters = module.parameters();
        List<Pending> begun = new ArrayList<>();
        module.state().forEach((path, tensor) -> {
            if (!parameters.containsKey(path)) {
                begun.add(
                        tensor.dtype().isFloating()
                                ? ranks.allReduce(tensor, Reduction.MEAN)
                                : ranks.broadcast(tensor, 0));
            }
        });
        Pending.all(begun).await();
    }

    /// The mean of a number over the ranks.
    public double mean(double value) {
        Tensor mean = Tensor.of(new double[] {value});
        ranks.allReduce(mean, Reduction.MEAN).await();
        return mean.toDoubleArray()[0];
    }

    /// Whether any rank says so.
    public boolean any(boolean value) {
        Tensor any = Tensor.of(new int[] {value ? 1 : 0});
        ranks.allReduce(any, Reduction.MAX).await();
        return any.toDoubleArray()[0] != 0;
    }
}
