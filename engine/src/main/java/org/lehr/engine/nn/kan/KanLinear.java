package org.lehr.engine.nn.kan;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Silu;
import org.lehr.kernels.DType;

/// A layer of learned functions on edges (Liu et al. 2024): `y[j] = Σᵢ φ[j, i](x[i])` with
/// `φ(x) = w_b·silu(x) + w_s·Σ_k c[k]·B_k(x)`, `B` the B-splines over the knots of feature `i`.
/// `x [..., in] → [..., out]`
///
/// Parameters `base_weight [out, in]`, `spline_weight [out, in, g + order]`, `spline_scale [out, in]`; buffers
/// `grid [in, g + 2·order + 1]` and `mask [out, in]`, 0 for edges that were pruned.
public final class KanLinear extends Layer {

    /// Sizes of a layer.
    ///
    /// @param intervals `g`, into which the range of each feature is cut, at least 1
    /// @param order degree of the splines, 1 or more; 3 is usual
    /// @param low where the first interval begins
    /// @param high where the last one ends
    public record Form(long in, long out, int intervals, int order, double low, double high) {
        public Form {
            if (in < 1 || out < 1 || intervals < 1 || order < 1 || !(low < high)) {
                throw new IllegalArgumentException("kan: needs positive sizes and a range, got " + in + " → " + out
                        + ", " + intervals + " intervals of order " + order + " over [" + low + ", " + high + "]");
            }
        }

        /// 5 intervals of order 3 over `[−1, 1]`.
        public static Form of(long in, long out) {
            return new Form(in, out, 5, 3, -1, 1);
        }
    }

    private final Form form;
    private final SplineBasis basis;
    private final Parameter baseWeight;
    private final Parameter splineWeight;
    private final Parameter splineScale;
    private final Tensor grid;
    private final Tensor mask;

    public KanLinear(Form form, RandomStream random) {
        this(form, evenGrid(form), random);
    }

    private KanLinear(Form form, Tensor grid, RandomStream random) {
        this.form = form;
        this.basis = new SplineBasis(form.order);
        Shape edges = Shape.of(form.out, form.in);
        baseWeight = parameter(
                "base_weight", Initializer.fanInUniform().make(DType.FLOAT32, edges, random.split("base_weight")));
        splineWeight = parameter(
                "spline_weight",
                Initializer.normal(0.1 / Math.sqrt(form.in))
                        .make(
                                DType.FLOAT32,
                                Shape.of(form.out, form.in, form.intervals + form.order),
                                random.split("spline_weight")));
        splineScale = parameter("spline_scale", Tensor.full(1, Device.current(), DType.FLOAT32, form.out, form.in));
        this.grid = buffer("grid", grid);
        mask = buffer("mask", Tensor.full(1, Device.current(), DType.FLOAT32, form.out, form.in));
    }

    private static Tensor evenGrid(Form form) {
        double[] inner = new double[form.intervals + 1];
        for (int i = 0; i < inner.length; i++) {
            inner[i] = form.low + (form.high - form.low) * i / form.intervals;
        }
        double[] knots = new SplineBasis(form.order).knots(inner);
        return Tensor.of(knots).to(DType.FLOAT32).unsqueeze(0).expand(form.in, knots.length);
    }

    @Override
    protected Tensor forward(Tensor x) {
        if (x.rank() < 1 || x.extent(-1) != form.in) {
            throw new ShapeMismatchException("kan: x must be [..., " + form.in + "], got " + x.shape());
        }
        Tensor rows = rows(x);
        long terms = form.intervals + form.order;
        Tensor values = basis.of(rows, grid).reshape(rows.extent(0), form.in * terms);
        Tensor weights = curves().reshape(form.out, form.in * terms);
        Tensor base = baseWeight.value().mul(open());
        Tensor y = Silu.silu(rows).matmul(base.transpose(0, 1)).add(values.matmul(weights.transpose(0, 1)));
        return y.reshape(x.shape().with(-1, form.out).toArray());
    }

    private Tensor rows(Tensor x) {
        return x.reshape(x.size() / form.in, form.in);
    }

    private Tensor open() {
        return mask.to(baseWeight.value().dtype());
    }

    /// `w_s·c` of the edges that are there.
    private Tensor curves() {
        return splineWeight.value().mul(splineScale.value().mul(open()).unsqueeze(2));
    }

    /// The mean over `x` of `|φ|` for every edge, `x [..., in] → [out, in]`.
    public Tensor edgeNorms(Tensor x) {
        Tensor rows = rows(x);
        Tensor spline = basis.of(rows, grid).unsqueeze(1).mul(curves()).sum(3);
        Tensor base = Silu.silu(rows).unsqueeze(1).mul(baseWeight.value().mul(open()));
        return spline.add(base).abs().mean(0);
    }

    /// What is added to a loss so that few edges remain: the sum of their norms, and the entropy of how the sum is
    /// shared among them, `Σ|φ| − λ·Σ p·log p`. `x [..., in] → []`
    public Tensor sparsity(Tensor x, double entropyWeight) {
        Tensor norms = edgeNorms(x);
        Tensor total = norms.sum();
        Tensor share = norms.div(total.add(Float.MIN_NORMAL));
        Tensor entropy = share.mul(share.add(Float.MIN_NORMAL).log()).sum().neg();
        return total.add(entropy.mul(entropyWeight));
    }

    /// Removes the edges whose norm over `x` is below `threshold`, and says how many are left.
    public long prune(Tensor x, double threshold) {
        Recording.off(() -> {
            Tensor norms = edgeNorms(x);
            mask.copyFrom(
                    Compare.greaterOrEqual(norms, norms.scalarLike(threshold)).to(mask.dtype()));
            return mask;
        });
        return Math.round(mask.sum().item());
    }

    /// A layer with other knots whose splines are as close to this one's on `samples` as least squares gets; base
    /// weights,
    /// scales and pruned edges stay.
    ///
    /// @param samples `[m, in]`, from whose range and quantiles the knots are taken; more than knots
    /// @param intervals the new `g`
    /// @param uniform how far the knots are even and not quantiles, in `[0, 1]`; 0.02 is usual
    public KanLinear refined(Tensor samples, int intervals, double uniform) {
        if (samples.rank() != 2 || samples.extent(1) != form.in || samples.extent(0) < intervals + form.order) {
            throw new ShapeMismatchException("kan: refining needs samples [m, " + form.in + "] with m of at least "
                    + (intervals + form.order) + ", got " + samples.shape());
        }
        if (!(uniform >= 0 && uniform <= 1)) {
            throw new IllegalArgumentException("kan: the even share of the knots must be in [0, 1], got " + uniform);
        }
        Form finer = new Form(form.in, form.out, intervals, form.order, form.low, form.high);
        return Recording.off(() -> {
            SplineRefit refit = new SplineRefit(basis, samples.to(DType.FLOAT64).detach());
            Tensor knots = refit.knots(intervals, uniform);
            KanLinear layer = new KanLinear(finer, knots.to(DType.FLOAT32), new RandomStream(0));
            layer.baseWeight.set(baseWeight.own().detach());
            layer.splineScale.set(splineScale.own().detach());
            layer.mask.copyFrom(mask);
            layer.splineWeight.set(
                    refit.weights(splineWeight.own().detach().to(DType.FLOAT64), grid.to(DType.FLOAT64), knots));
            return layer;
        });
    }
}
