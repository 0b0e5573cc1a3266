package org.lehr.engine.distributed;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Parameters whose gradients travel together, one behind the other.
final class GradientBucket {

    /// Enough that a message's fixed cost does not count, and little enough that the first one leaves early.
    private static final long BYTES = 8L << 20;

    private final List<Parameter> parameters;
    private Tensor flat;

    private GradientBucket(List<Parameter> parameters) {
        this.parameters = List.copyOf(parameters);
    }

    /// Cuts a list into buckets of one dtype each.
    static List<GradientBucket> of(List<Parameter> parameters) {
        List<GradientBucket> buckets = new ArrayList<>();
        List<Parameter> open = new ArrayList<>();
        long bytes = 0;
        for (Parameter parameter : parameters) {
            DType dtype = parameter.own().dtype();
            if (!open.isEmpty() && (bytes >= BYTES || open.getFirst().own().dtype() != dtype)) {
                buckets.add(new GradientBucket(open));
                open.clear();
                bytes = 0;
            }
            open.add(parameter);
            bytes += parameter.own().size() * dtype.bytes();
        }
        if (!open.isEmpty()) {
            buckets.add(new GradientBucket(open));
        }
        return buckets;
    }

    List<Parameter> parameters() {
        return parameters;
    }

    /// The gradients, and zeros where there is none, in memory that lasts until [#giveBack].
    Tensor filled() {
        return Recording.off(() -> {
            long size = parameters.stream()
                    .mapToLong(parameter -> parameter.own().size())
                    .sum();
            DType dtype = parameters.getFirst().own().dtype();
            flat = Tensor.empty("gradient bucket", Device.cpu(), dtype, Shape.of(size));
            Scope.detach(flat.storage());
            long at = 0;
            for (Parameter parameter : parameters) {
                Tensor part = part(at, parameter);
                if (parameter.gradient() == null) {
                    part.copyFrom(Tensor.full(0, Device.cpu(), dtype, 1)
                            .expand(part.shape().toArray()));
                } else {
                    part.copyFrom(parameter.gradient());
                }
                at += part.size();
            }
            return flat;
        });
    }

    private Tensor part(long at, Parameter parameter) {
        return flat.slice(0, at, at + parameter.own().size())
                .reshape(parameter.own().shape().toArray());
    }

    /// Takes the gradients from the bucket.
    ///
    /// @param present whether there is a gradient on any rank, of which `first` is for this bucket's first
    /// parameter
    /// @return that of the next bucket's first
    int giveBack(double[] present, int first) {
        return Recording.off(() -> {
            long at = 0;
            int next = first;
            for (Parameter parameter : parameters) {
                Tensor part = part(at, parameter);
                at += part.size();
                if (present[next++] == 0) {
                    continue;
                }
                if (parameter.gradient() == null) {
                    Tensor own = Tensor.empty("gradient", Device.cpu(), part.dtype(), part.shape());
                    own.copyFrom(part);
                    parameter.own().setGradient(own);
                } else {
                    parameter.gradient().copyFrom(part);
                }
            }
            flat.storage().release();
            return next;
        });
    }
}
