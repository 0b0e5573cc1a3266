package org.lehr.engine.nn;

import static org.lehr.engine.nn.Refusal.assertNames;
import static org.lehr.engine.nn.Refusal.refused;
import static org.lehr.engine.nn.Refusal.refusedNumbers;
import static org.lehr.engine.nn.Refusal.sizes;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lehr.engine.nn.head.CosineLinear;
import org.lehr.engine.nn.head.GrowableHead;
import org.lehr.engine.nn.kan.GroupRational;
import org.lehr.engine.nn.kan.KanLinear;
import org.lehr.engine.nn.kan.RationalMlp;
import org.lehr.engine.nn.moe.AttentionAwareRouter;
import org.lehr.engine.nn.moe.ExpertChoiceRouter;
import org.lehr.engine.nn.moe.Experts;
import org.lehr.engine.nn.moe.HashRouter;
import org.lehr.engine.nn.moe.MixtureOfExperts;
import org.lehr.engine.nn.moe.NoisyTopKRouter;
import org.lehr.engine.nn.moe.Scoring;
import org.lehr.engine.nn.moe.SimilarityAwareRouter;
import org.lehr.engine.nn.moe.TopK;
import org.lehr.engine.nn.moe.TopKRouter;
import org.lehr.engine.nn.norm.BatchNorm;
import org.lehr.engine.nn.norm.GroupNorm;
import org.lehr.engine.nn.norm.PowerNorm;
import org.lehr.engine.nn.norm.SpectralNorm;
import org.lehr.engine.nn.pool.AvgPool2d;
import org.lehr.engine.nn.pool.GlobalAvgPool;
import org.lehr.engine.nn.pool.MaxPool2d;
import org.lehr.engine.nn.quant.BitLinear;
import org.lehr.engine.nn.quant.PackedBitLinear;
import org.lehr.engine.nn.recurrent.Cell;
import org.lehr.engine.nn.recurrent.GruCell;
import org.lehr.engine.nn.recurrent.LeakyCell;
import org.lehr.engine.nn.recurrent.LstmCell;
import org.lehr.engine.nn.recurrent.RecurrentNetwork;
import org.lehr.engine.nn.ssm.DiagonalScan;
import org.lehr.engine.nn.ssm.Dlr;
import org.lehr.engine.nn.ssm.FastForgetfulMemory;
import org.lehr.engine.nn.ssm.FirstRates;
import org.lehr.engine.nn.ssm.LinearRecurrentUnit;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.nn.ssm.Reparametrization;
import org.lehr.engine.nn.ssm.S4D;
import org.lehr.engine.nn.ssm.ShortConvolution;
import org.lehr.engine.nn.vision.DenseNetwork;
import org.lehr.engine.nn.vision.ResNet;
import org.lehr.engine.nn.vision.WideResNet;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Conv1d.Line;
import org.lehr.engine.tensor.op.Pool2d.Window;
import org.lehr.kernels.ConvolutionKernels.Form;
import org.lehr.kernels.DType;

/// What no layer can be made of or work on is refused by an error that names the operation and the values.
class BadInputTest {

    private static final RandomStream RANDOM = new RandomStream(1);
    private static final Initializer WEIGHT = Initializer.normal(0.1);
    private static final Form PLAIN = Form.of(1, 1, 1, 1);

    // ---- construction -------------------------------------------------------------------------------------------

    static Stream<Arguments> constructions() {
        Experts.Form experts = new Experts.Form(4, 8, Activation.RELU, false);
        return Stream.of(
                        sizes("linear in", n -> new Linear(n, 3, true, RANDOM)),
                        sizes("linear out", n -> new Linear(3, n, true, RANDOM)),
                        sizes("embedding count", n -> new Embedding(n, 3, WEIGHT, RANDOM)),
                        sizes("embedding width", n -> new Embedding(3, n, WEIGHT, RANDOM)),
                        sizes("conv1d in", n -> new Conv1d(n, 4, 3, Line.PLAIN, true, RANDOM)),
                        sizes("conv1d out", n -> new Conv1d(4, n, 3, Line.PLAIN, true, RANDOM)),
                        sizes("conv1d size", n -> new Conv1d(4, 4, n, Line.PLAIN, true, RANDOM)),
                        sizes("conv1d stride", n -> new Conv1d(4, 4, 3, new Line(n, 0, 1, 1), true, RANDOM)),
                        refused(
                                "conv1d groups",
                                n -> new Conv1d(4, 4, 3, new Line(1, 0, 1, n), true, RANDOM),
                                0,
                                -3,
                                3),
                        sizes("conv2d in", n -> new Conv2d(n, 4, 3, PLAIN, RANDOM)),
                        sizes("conv2d out", n -> new Conv2d(4, n, 3, PLAIN, RANDOM)),
                        sizes("conv2d size", n -> new Conv2d(4, 4, n, PLAIN, RANDOM)),
                        refused("conv2d groups", n -> new Conv2d(4, 4, 3, Form.of(1, 1, 1, n), RANDOM), 3),
                        refusedNumbers("dropout", p -> new Dropout(p, RANDOM), -0.5, 1.5, Double.NaN),
                        sizes("layer norm", n -> new LayerNorm(n, true, 1e-5)),
                        refusedNumbers("layer norm", e -> new LayerNorm(4, true, e), -1, Double.NaN),
                        sizes("rms norm", n -> new RmsNorm(n, 1e-5)),
                        refusedNumbers("rms norm", e -> new RmsNorm(4, e), -1, Double.NaN),
                        sizes("cosine in", n -> new CosineLinear(n, 3, 1, RANDOM)),
                        sizes("cosine out", n -> new CosineLinear(3, n, 1, RANDOM)),
                        refusedNumbers("cosine scale", x -> new CosineLinear(3, 3, x, RANDOM), Double.NaN),
                        sizes("growable head", n -> new GrowableHead(n, true, RANDOM)),
                        refused("group rational", n -> GroupRational.swish(n), 0, -3),
                        sizes("kan in", n -> new KanLinear(KanLinear.Form.of(n, 3), RANDOM)),
                        sizes("kan intervals", n -> new KanLinear.Form(3, 3, (int) n, 3, -1, 1)),
                        refusedNumbers("kan range", x -> new KanLinear.Form(3, 3, 5, 3, x, 1), 2, Double.NaN),
                        sizes("rational mlp width", n -> new RationalMlp(n, 8, 4, RANDOM)),
                        sizes("rational mlp hidden", n -> new RationalMlp(4, n, 4, RANDOM)),
                        refused("rational mlp groups", n -> new RationalMlp(4, 8, n, RANDOM), 0, -3, 3),
                        sizes("batch norm", n -> new BatchNorm(n)),
                        refusedNumbers("batch norm", e -> new BatchNorm.Form(e, 0.1, 1), -1, Double.NaN),
                        refused("group norm groups", n -> new GroupNorm(n, 4, 1e-5), 0, -3, 3),
                        sizes("group norm", n -> new GroupNorm(1, n, 1e-5)),
                        sizes("power norm", n -> new PowerNorm(n, PowerNorm.Form.defaults())),
                        refused("power norm groups", n -> new PowerNorm(4, new PowerNorm.Form(0.9, 1e-5, 1, n)), -3, 3),
                        refusedNumbers("power norm", x -> new PowerNorm.Form(x, 1e-5, 1, 1), 1, -0.5, Double.NaN),
                        sizes("spectral norm", n -> new SpectralNorm(new Linear(3, 3, true, RANDOM), (int) n, RANDOM)),
                        sizes("avg pool", n -> new AvgPool2d(n)),
                        sizes("max pool", n -> new MaxPool2d(n)),
                        sizes("pool window", n -> new Window(n, 2, PLAIN)),
                        sizes("bit linear in", n -> new BitLinear(n, 3, BitLinear.Scale.MEAN, RANDOM)),
                        sizes("bit linear out", n -> new BitLinear(3, n, BitLinear.Scale.MEAN, RANDOM)),
                        sizes("packed bit linear in", n -> new PackedBitLinear(n, 3)),
                        sizes("packed bit linear out", n -> new PackedBitLinear(3, n)),
                        sizes("recurrent in", n -> RecurrentNetwork.Form.of(n, 3)),
                        sizes("recurrent width", n -> RecurrentNetwork.Form.of(3, n)),
                        sizes("recurrent layers", n -> new RecurrentNetwork.Form(3, 3, (int) n, 0)),
                        refusedNumbers("recurrent", p -> new RecurrentNetwork.Form(3, 3, 2, p), -0.5, 1.5, Double.NaN),
                        refusedNumbers("leaky cell", x -> new LeakyCell(x, false), -0.5, 1.5, Double.NaN),
                        sizes("diagonal scan", n -> new DiagonalScan(DiagonalScan.Form.of(n), RANDOM)),
                        sizes(
                                "diagonal scan states",
                                n -> new DiagonalScan.Form(4, n, FirstRates.LINEAR, Reparametrization.EXPONENTIAL)),
                        sizes("dlr channels", n -> new Dlr(n, 4, RANDOM)),
                        sizes("dlr states", n -> new Dlr(4, n, RANDOM)),
                        sizes("memory in", n -> FastForgetfulMemory.Form.of(n, 4)),
                        sizes("memory out", n -> FastForgetfulMemory.Form.of(4, n)),
                        sizes("lru", n -> LinearRecurrentUnit.Form.of(n)),
                        refusedNumbers(
                                "lru",
                                x -> new LinearRecurrentUnit.Form(4, 4, 0.5, x, 1, Reparametrization.EXPONENTIAL),
                                0.4,
                                1.5,
                                Double.NaN),
                        sizes("mamba width", n -> Mamba.Form.of(n)),
                        sizes("mamba states", n -> new Mamba.Form(4, n, 4, 2, 1)),
                        sizes("mamba rank", n -> new Mamba.Form(4, 4, 4, 2, n)),
                        sizes("s4d", n -> S4D.Form.of(n)),
                        sizes("short convolution", n -> new ShortConvolution(n, 4, RANDOM)),
                        sizes("short convolution taps", n -> new ShortConvolution(4, n, RANDOM)),
                        sizes("dense network", n -> new DenseNetwork(List.of(4L, n, 2L), Activation.RELU, 0, RANDOM)),
                        refusedNumbers(
                                "dense network",
                                p -> new DenseNetwork(List.of(4L, 2L), Activation.RELU, p, RANDOM),
                                -0.5,
                                Double.NaN),
                        refused(
                                "dense network layers",
                                n -> new DenseNetwork(List.of(n), Activation.RELU, 0, RANDOM),
                                4),
                        sizes("resnet channels", n -> new ResNet.Form(n, 4, List.of(1), false, false, 10)),
                        sizes("resnet width", n -> new ResNet.Form(3, n, List.of(1), false, false, 10)),
                        sizes("resnet blocks", n -> new ResNet.Form(3, 4, List.of((int) n), false, false, 10)),
                        sizes("resnet classes", n -> new ResNet.Form(3, 4, List.of(1), false, false, n)),
                        sizes("wide resnet channels", n -> new WideResNet.Form(n, 16, 1, 0, 10)),
                        refused("wide resnet depth", n -> new WideResNet.Form(3, (int) n, 1, 0, 10), 0, -3, 17),
                        sizes("top-k", n -> TopK.of((int) n)),
                        refused("top-k of experts", n -> router((int) n, 4), 5),
                        sizes("router experts", n -> router(1, (int) n)),
                        sizes("router width", n -> new TopKRouter(n, 4, Scoring.SOFTMAX, TopK.of(2), WEIGHT, RANDOM)),
                        sizes("noisy router", n -> new NoisyTopKRouter(n, 4, TopK.of(2), WEIGHT, RANDOM)),
                        sizes("attention router", n -> new AttentionAwareRouter(n, 4, TopK.of(2), WEIGHT, RANDOM)),
                        refusedNumbers(
                                "similarity", x -> new SimilarityAwareRouter.Similarity(x, true), 0, -1, Double.NaN),
                        refusedNumbers(
                                "expert choice",
                                x -> new ExpertChoiceRouter(4, 4, x, WEIGHT, RANDOM),
                                0,
                                -1,
                                Double.NaN),
                        sizes("hash router", n -> new HashRouter(n, 4, RANDOM)),
                        sizes("experts", n -> new Experts((int) n, experts, WEIGHT, WEIGHT, RANDOM)),
                        sizes("expert width", n -> new Experts.Form(n, 8, Activation.RELU, false)),
                        sizes("expert hidden", n -> new Experts.Form(4, n, Activation.RELU, false)))
                .flatMap(rows -> rows);
    }

    private static TopKRouter router(int k, int experts) {
        return new TopKRouter(4, experts, Scoring.SOFTMAX, new TopK(k, false, 1, 1, 1), WEIGHT, RANDOM);
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource("constructions")
    void isNotBuilt(String what, String value, Executable make) {
        assertNames(what, make, value);
    }

    // ---- use ----------------------------------------------------------------------------------------------------

    /// A layer and an input that it can work on.
    private record Use(String name, UnaryOperator<Tensor> layer, long... shape) {

        static Use of(String name, Layer layer, long... shape) {
            layer.apply(RANDOM.normal(DType.FLOAT32, shape));
            return new Use(name, layer::apply, shape);
        }
    }

    static Stream<Arguments> uses() {
        Experts.Form experts = new Experts.Form(4, 8, Activation.RELU, false);
        MixtureOfExperts.Form dropless = MixtureOfExperts.Form.dropless(experts);
        return Stream.of(
                        Use.of("linear", new Linear(4, 3, true, RANDOM), 2, 4),
                        Use.of("layer norm", new LayerNorm(4, true, 1e-5), 2, 4),
                        Use.of("rms norm", new RmsNorm(4, 1e-5), 2, 4),
                        Use.of("conv1d", new Conv1d(4, 3, 2, Line.PLAIN, true, RANDOM), 2, 4, 5),
                        Use.of("conv2d", new Conv2d(4, 3, 3, PLAIN, RANDOM), 2, 4, 5, 5),
                        Use.of("cosine linear", new CosineLinear(4, 3, 1, RANDOM), 2, 4),
                        Use.of("group rational", GroupRational.swish(2), 2, 4),
                        Use.of("kan", new KanLinear(KanLinear.Form.of(4, 3), RANDOM), 2, 4),
                        Use.of("rational mlp", new RationalMlp(4, 8, 4, RANDOM), 2, 4),
                        Use.of("batch norm", new BatchNorm(4), 3, 4),
                        Use.of("group norm", new GroupNorm(2, 4, 1e-5), 3, 4, 5),
                        Use.of("power norm", new PowerNorm(4, PowerNorm.Form.defaults()), 3, 4),
                        Use.of("avg pool", new AvgPool2d(2), 2, 3, 4, 4),
                        Use.of("max pool", new MaxPool2d(2), 2, 3, 4, 4),
                        Use.of("global avg pool", new GlobalAvgPool(), 2, 3, 4, 4),
                        Use.of("bit linear", new BitLinear(4, 3, BitLinear.Scale.MEAN, RANDOM), 2, 4),
                        Use.of("packed bit linear", new PackedBitLinear(4, 3), 2, 4),
                        Use.of("gru", network(new GruCell()), 2, 5, 4),
                        Use.of("lstm", network(new LstmCell()), 2, 5, 4),
                        Use.of("diagonal scan", new DiagonalScan(DiagonalScan.Form.of(4), RANDOM), 2, 5, 4),
                        Use.of("dlr", new Dlr(4, 4, RANDOM), 2, 5, 4),
                        Use.of("memory", new FastForgetfulMemory(FastForgetfulMemory.Form.of(4, 3), RANDOM), 2, 5, 4),
                        Use.of("lru", new LinearRecurrentUnit(LinearRecurrentUnit.Form.of(4), RANDOM), 2, 5, 4),
                        Use.of("mamba", new Mamba(Mamba.Form.of(4), RANDOM), 2, 5, 4),
                        Use.of("s4d", new S4D(S4D.Form.of(4), RANDOM), 2, 5, 4),
                        Use.of("short convolution", new ShortConvolution(4, 3, RANDOM), 2, 5, 4),
                        Use.of("dense network", new DenseNetwork(List.of(4L, 2L), Activation.RELU, 0, RANDOM), 2, 4),
                        Use.of(
                                "resnet",
                                new ResNet(new ResNet.Form(3, 4, List.of(1), false, false, 10), RANDOM),
                                2,
                                3,
                                8,
                                8),
                        Use.of(
                                "mixture of experts",
                                new MixtureOfExperts(dropless, router(2, 4), List.of(), WEIGHT, WEIGHT, RANDOM),
                                2,
                                5,
                                4))
                .flatMap(BadInputTest::spoiled);
    }

    private static RecurrentNetwork network(Cell cell) {
        return new RecurrentNetwork(cell, RecurrentNetwork.Form.of(4, 3), RANDOM);
    }

    /// Wrong ranks, widths and dtypes. Those that some layers take are left out.
    private static Stream<Arguments> spoiled(Use use) {
        int rank = use.shape.length;
        Tensor right = RANDOM.normal(DType.FLOAT32, use.shape);
        Tensor scalar = RANDOM.normal(DType.FLOAT32);
        int features = rank == 4 || List.of("conv1d", "group norm").contains(use.name) ? 1 : rank - 1;
        Tensor wide = RANDOM.normal(
                DType.FLOAT32,
                Shape.of(use.shape).with(features, use.shape[features] + 1).toArray());
        Stream<Arguments> always =
                Stream.of(row(use, "a scalar", scalar, "[]"), row(use, "integers", right.to(DType.INT64), "int64"));
        boolean anyWidth = use.name.contains("pool");
        return anyWidth
                ? always
                : Stream.concat(
                        always, Stream.of(row(use, "other widths", wide, String.valueOf(use.shape[features] + 1))));
    }

    private static Arguments row(Use use, String what, Tensor x, String part) {
        return Arguments.of(use.name, what, (Executable) () -> use.layer.apply(x), part);
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource("uses")
    void isNotComputed(String name, String what, Executable run, String part) {
        assertNames(name + " of " + what, run, part);
    }
}
