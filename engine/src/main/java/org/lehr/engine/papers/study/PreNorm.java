package org.lehr.engine.papers.study;

import java.util.List;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.nn.transformer.BlockForm;
import org.lehr.engine.nn.transformer.BlockNames;
import org.lehr.engine.nn.transformer.BlockStack;
import org.lehr.engine.nn.transformer.Depth;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.NormFactory;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Xiong et al. 2020: at the first step the gradient of the last feed-forward layer is independent of depth where norms
/// stand behind the sums, and falls with its root where they stand before the parts. That is why the first need a
/// warm-up.
public final class PreNorm implements Study {

    private static final int[] DEPTHS = {2, 4, 8, 16};
    private static final long WIDTH = 64;

    /// A study without settings.
    public PreNorm() {}

    @Override
    public Claim claim() {
        return Claim.of(
                307,
                "Before training, the gradient of the last feed-forward layer falls like L^(−1/2) with norms before the"
                        + " parts, and does not depend on the depth L with norms behind the sums",
                "slope of the log-gradient over the log-depth from 2 to 16 layers: −1/2 ± 0.12 before, 0 ± 0.12 behind");
    }

    @Override
    public Findings run(Trial trial) {
        NormPlacement tried = trial.method() ? NormPlacement.PRE : NormPlacement.POST;
        Sample[] before = gradients(trial, tried);
        Sample[] behind = gradients(trial, NormPlacement.POST);
        Findings.Builder findings = Findings.table("layers", "norms before", "norms behind");
        double[] depths = new double[DEPTHS.length];
        double[] first = new double[DEPTHS.length];
        double[] second = new double[DEPTHS.length];
        for (int i = 0; i < DEPTHS.length; i++) {
            findings.row(DEPTHS[i], before[i], behind[i]);
            depths[i] = DEPTHS[i];
            first[i] = before[i].mean();
            second[i] = behind[i].mean();
        }
        return findings.near("slope with norms before", slope(depths, first), -0.5, 0.12)
                .near("slope with norms behind", slope(depths, second), 0, 0.12)
                .chart(new Chart(
                        "Norm of the gradient of the last layer",
                        "layers",
                        Chart.Scale.LOGARITHMIC,
                        true,
                        List.of(
                                new Series("norms before", depths, first, Series.Style.MARKED),
                                new Series("norms behind", depths, second, Series.Style.MARKED))))
                .build();
    }

    private static double slope(double[] x, double... y) {
        SimpleRegression regression = new SimpleRegression();
        for (int i = 0; i < x.length; i++) {
            regression.addData(Math.log(x[i]), Math.log(y[i]));
        }
        return regression.getSlope();
    }

    private static Sample[] gradients(Trial trial, NormPlacement placement) {
        Sample[] gradients = new Sample[DEPTHS.length];
        for (int i = 0; i < DEPTHS.length; i++) {
            int layers = DEPTHS[i];
            gradients[i] = trial.sample(
                    seed -> gradient(placement, layers, trial.pick(32, 8), new RandomStream(seed).split(layers)));
        }
        trial.say("norms " + placement);
        return gradients;
    }

    /// The mean over `networks` random networks of the norm of the gradient of the last map.
    private static double gradient(NormPlacement placement, int layers, int networks, RandomStream random) {
        double sum = 0;
        for (int i = 0; i < networks; i++) {
            try (var _ = Scope.open()) {
                sum += gradient(placement, layers, random.split(i));
            }
        }
        return sum / networks;
    }

    private static double gradient(NormPlacement placement, int layers, RandomStream random) {
        BlockForm form = new BlockForm(
                AttentionForm.of(WIDTH, 4, 4, AttentionForm.Choices.plain()),
                new Mlp.Form(WIDTH, Activation.RELU, false, false),
                NormFactory.layer(1e-5),
                placement,
                false,
                1,
                0,
                BlockNames.LLAMA);
        BlockStack stack = new BlockStack(
                Depth.of(layers), form, Positions.NONE, new Initial(1 / Math.sqrt(WIDTH), false), random.split("net"));
        Tensor x = random.split("x").normal(DType.FLOAT32, 4, 8, WIDTH);
        Tensor y = stack.apply(x);
        // Models with norms before the parts have one more behind the last block.
        Tensor normed = placement == NormPlacement.PRE
                ? NormFactory.layer(1e-5).make(WIDTH).apply(y)
                : y;
        Tensor target = random.split("target").normal(DType.FLOAT32, 4, 8, WIDTH);
        Tensor weight =
                stack.layer(layers - 1).parameters().get("mlp.down_proj.weight").own();
        Tensor gradient = Autograd.gradient(List.of(normed.mul(target).mean()), List.of(weight), false)
                .getFirst();
        return Math.sqrt(gradient.square().sum().item());
    }
}
