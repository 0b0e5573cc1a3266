package org.lehr.engine.nn.norm;

import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Rsqrt;
import org.lehr.kernels.DType;

/// Normalisation of each channel by the statistics of the batch in training, and by their running averages in use
/// (Ioffe, Szegedy 2015): `(x − mean)/√(variance + ε)·weight + bias`. `x [b, c, ...] → [b, c, ...]`
///
/// Buffers as in PyTorch: `running_mean [c]`, `running_var [c]` (of the unbiased variance), `num_batches_tracked []`.
/// With ghost batches (Hoffer, Hubara, Soudry 2017) each part of a batch has statistics of its own.
public final class BatchNorm extends Layer {

    /// How the statistics are taken.
    ///
    /// @param epsilon added to the variance; 1e-5 is usual
    /// @param momentum weight of the newest batch in the running averages, in `(0, 1]`; 0.1 is usual
    /// @param ghost rows of a batch that share statistics in training; 0 for all of them
    public record Form(double epsilon, double momentum, long ghost) {
        public Form {
            if (!(epsilon >= 0) || !(momentum > 0 && momentum <= 1) || ghost < 0) {
                throw new IllegalArgumentException(
                        "batch norm: needs an epsilon of at least 0, a momentum in (0, 1] and ghost batches of at least"
                                + " 0 rows, got " + epsilon + ", " + momentum + " and " + ghost);
            }
        }

        /// Epsilon 1e-5, momentum 0.1, statistics of the whole batch.
        public static Form defaults() {
            return new Form(1e-5, 0.1, 0);
        }
    }

    private final Channels channels;
    private final Form form;
    private final Parameter weight;
    private final Parameter bias;
    private final Tensor runningMean;
    private final Tensor runningVariance;
    private final Tensor batches;

    private boolean cumulative;

    public BatchNorm(long channels) {
        this(channels, Form.defaults());
    }

    public BatchNorm(long channels, Form form) {
        this.channels = new Channels("batch norm", channels);
        this.form = form;
        weight = parameter("weight", Tensor.full(1, Device.current(), DType.FLOAT32, channels));
        bias = parameter("bias", Tensor.full(0, Device.current(), DType.FLOAT32, channels));
        runningMean = buffer("running_mean", Tensor.full(0, Device.current(), DType.FLOAT32, channels));
        runningVariance = buffer("running_var", Tensor.full(1, Device.current(), DType.FLOAT32, channels));
        batches = buffer("num_batches_tracked", Tensor.full(0, Device.current(), DType.INT64));
    }

    @Override
    protected Tensor forward(Tensor x) {
        channels.check(x);
        Tensor normal = isTraining() ? ofBatch(x) : normalized(x, runningMean, runningVariance);
        return normal.mul(Channels.along(weight.value(), x)).add(Channels.along(bias.value(), x));
    }

    private Tensor normalized(Tensor x, Tensor mean, Tensor variance) {
        Tensor scale = Rsqrt.rsqrt(Channels.along(variance, x).add(form.epsilon));
        return x.sub(Channels.along(mean, x)).mul(scale);
    }

    private Tensor ofBatch(Tensor x) {
        long rows = x.extent(0);
        if (form.ghost == 0 || form.ghost >= rows) {
            return ofPart(x);
        }
        long parts = Math.ceilDiv(rows, form.ghost);
        Tensor[] normal = new Tensor[Math.toIntExact(parts)];
        for (int i = 0; i < parts; i++) {
            normal[i] = ofPart(x.slice(0, i * form.ghost, Math.min(rows, (i + 1) * form.ghost)));
        }
        return org.lehr.engine.tensor.op.Concat.concat(0, normal);
    }

    private Tensor ofPart(Tensor x) {
        long perChannel = x.size() / x.extent(1);
        if (perChannel < 2) {
            throw new IllegalArgumentException("batch norm: training needs at least two values per channel, got "
                    + perChannel + " in " + x.shape());
        }
        int[] others = Channels.others(x);
        Tensor mean = x.mean(true, others);
        Tensor centred = x.sub(mean);
        Tensor variance = centred.square().mean(true, others);
        Recording.off(() -> {
            double unbiased = (double) perChannel / (perChannel - 1);
            double share = cumulative ? 1 / (batches.item() + 1) : form.momentum;
            move(runningMean, mean.detach(), share);
            move(runningVariance, variance.detach().mul(unbiased), share);
            batches.copyFrom(batches.add(1));
            return null;
        });
        return centred.mul(Rsqrt.rsqrt(variance.add(form.epsilon)));
    }

    private static void move(Tensor running, Tensor newest, double momentum) {
        Tensor now = newest.reshape(running.size()).to(running.dtype());
        running.copyFrom(running.mul(1 - momentum).add(now.mul(momentum)));
    }

    /// The running average of the batches' means, `[c]`.
    public Tensor runningMean() {
        return runningMean;
    }

    /// The running average of the batches' unbiased variances, `[c]`.
    public Tensor runningVariance() {
        return runningVariance;
    }

    /// Lets the averages be plain means over all batches from the first on, or running ones again.
    void setCumulative(boolean on) {
        cumulative = on;
    }

    /// How many batches, or parts of them, the averages have seen.
    long batches() {
        return (long) batches.item();
    }

    /// Forgets every batch seen, so that the averages can be taken anew (as after averaging weights).
    public void resetStatistics() {
        runningMean.fill(0);
        runningVariance.fill(1);
        batches.fill(0);
    }
}
