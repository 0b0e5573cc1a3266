package org.lehr.engine.nn.norm;

import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Rsqrt;
import org.lehr.kernels.DType;

/// Division of each feature by its running root mean square (Shen et al. 2020): `y = x/ψ·weight + bias`, where `ψ²`
/// averages the batches' means of `x²`. Nothing is centred, and use is as training, so sequences of any length and
/// batches of one will do. `x [..., n] → [..., n]`
///
/// The backward pass takes `ψ` as the average that it is: with `x̂ = x/ψ`, `g = dL/dx̂` and a running `ν [n]`,
/// `dx = (g − ν·x̂)/ψ` and then `ν ← ν + (1 − α)·mean((g − ν·x̂)·x̂)`. It is an estimate, which central differences do
/// not confirm. For the first batches (warm-up) `ψ` is the batch's own, with the true gradient.
///
/// Buffers: `running_phi [n]` (`ψ²`), `ema_gz [n]` (`ν`), `iters []`.
public final class PowerNorm extends Layer {

    /// @param alpha weight of the past in the running averages, in `[0, 1)`; 0.9 is usual
    /// @param epsilon added to the mean squares; 1e-5 is usual
    /// @param warmUp how many batches are normalised by their own statistics
    /// @param groups equal parts of the features that are divided by their own root mean square before, as the
    /// authors'
    ///     programs do; 0 for none
    public record Form(double alpha, double epsilon, long warmUp, long groups) {
        public Form {
            if (!(alpha >= 0 && alpha < 1) || !(epsilon >= 0) || warmUp < 0 || groups < 0) {
                throw new IllegalArgumentException("power norm: needs alpha in [0, 1), and epsilon, warm-up and groups"
                        + " of at least 0, got " + alpha + ", " + epsilon + ", " + warmUp + ", " + groups);
            }
        }

        /// Alpha 0.9, epsilon 1e-5, 4000 batches of warm-up, no groups.
        public static Form defaults() {
            return new Form(0.9, 1e-5, 4000, 0);
        }
    }

    private final long width;
    private final Form form;
    private final Parameter weight;
    private final Parameter bias;
    private final Tensor meanSquare;
    private final Tensor drift;
    private final Tensor seen;

    public PowerNorm(long width, Form form) {
        if (width < 1 || form.groups > 0 && width % form.groups != 0) {
            throw new IllegalArgumentException(
                    "power norm: needs a positive width that is a multiple of the groups, got " + width + " and "
                            + form.groups);
        }
        this.width = width;
        this.form = form;
        weight = parameter("weight", Tensor.full(1, Device.current(), DType.FLOAT32, width));
        bias = parameter("bias", Tensor.full(0, Device.current(), DType.FLOAT32, width));
        meanSquare = buffer("running_phi", Tensor.full(1, Device.current(), DType.FLOAT32, width));
        drift = buffer("ema_gz", Tensor.full(0, Device.current(), DType.FLOAT32, width));
        seen = buffer("iters", Tensor.full(0, Device.current(), DType.INT64));
    }

    @Override
    protected Tensor forward(Tensor x) {
        return normalize(x, null);
    }

    /// Normalises all rows, with statistics of those that count.
    ///
    /// @param counts bool `[...]`, false for padding; null when all count
    public Tensor normalize(Tensor x, Tensor counts) {
        if (x.rank() < 1 || x.extent(-1) != width) {
            throw new ShapeMismatchException("power norm: x must be [..., " + width + "], got " + x.shape());
        }
        Tensor rows = grouped(x).reshape(width == 0 ? 0 : x.size() / width, width);
        Tensor share = counts == null ? null : share(counts, rows);
        Tensor normal = normal(rows, share).reshape(x.shape().toArray());
        return normal.mul(weight.value()).add(bias.value());
    }

    private Tensor grouped(Tensor x) {
        if (form.groups == 0) {
            return x;
        }
        Tensor parts = x.reshape(x.size() / width, form.groups, width / form.groups);
        return parts.mul(Rsqrt.rsqrt(parts.square().mean(true, 2).add(form.epsilon)));
    }

    /// What each row weighs in a mean: `[rows, 1]`, with the sum 1.
    private static Tensor share(Tensor counts, Tensor rows) {
        if (counts.size() != rows.extent(0)) {
            throw new ShapeMismatchException("power norm: the mask must have a place for each of the " + rows.extent(0)
                    + " rows, got " + counts.shape());
        }
        Tensor count = counts.to(rows.dtype()).reshape(rows.extent(0), 1);
        return count.div(count.sum());
    }

    private static Tensor mean(Tensor rows, Tensor share) {
        return share == null ? rows.mean(0) : rows.mul(share).sum(0);
    }

    private Tensor normal(Tensor rows, Tensor share) {
        if (!isTraining()) {
            return rows.mul(Rsqrt.rsqrt(meanSquare.to(rows.dtype()).add(form.epsilon)));
        }
        long batch = Math.round(seen.item());
        boolean warmingUp = batch < form.warmUp;
        Tensor own = mean(rows.square(), share);
        // A copy: the average moves on before the backward pass.
        Tensor running = Tensor.of(meanSquare.toDoubleArray()).to(rows.dtype());
        Tensor result = warmingUp
                ? rows.mul(Rsqrt.rsqrt(own.add(form.epsilon)))
                : Tensor.apply(new ByAverage(share), rows, Rsqrt.rsqrt(running.add(form.epsilon)));
        Recording.off(() -> {
            // In the warm-up the mean of all batches so far; then the average that forgets.
            double past = warmingUp ? (double) batch / (batch + 1) : form.alpha;
            Tensor now = own.detach().to(meanSquare.dtype());
            meanSquare.copyFrom(meanSquare.mul(past).add(now.mul(1 - past)));
            seen.copyFrom(seen.add(1));
            return null;
        });
        return result;
    }

    /// `x [m, n], 1/ψ [n] → [m, n]`
    private final class ByAverage implements Op {
        private final Tensor share;

        private ByAverage(Tensor share) {
            this.share = share;
        }

        @Override
        public String name() {
            return "power_norm";
        }

        @Override
        public Tensor forward(Call call) {
            return call.input(0).mul(call.input(1));
        }

        @Override
        public Tensor[] backward(Call call, Tensor dy) {
            Tensor scale = call.input(1);
            Tensor normal = call.input(0).mul(scale);
            Tensor nu = Tensor.of(drift.toDoubleArray()).to(dy.dtype());
            Tensor rest = dy.sub(normal.mul(nu));
            Recording.off(() -> {
                Tensor moved = mean(rest.detach().mul(normal.detach()), share).to(drift.dtype());
                drift.copyFrom(drift.add(moved.mul(1 - form.alpha)));
                return null;
            });
            return new Tensor[] {rest.mul(scale), null};
        }
    }
}
