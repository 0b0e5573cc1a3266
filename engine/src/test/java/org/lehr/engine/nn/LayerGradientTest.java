package org.lehr.engine.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.nn.ssm.DiagonalScan;
import org.lehr.engine.nn.ssm.Dlr;
import org.lehr.engine.nn.ssm.FastForgetfulMemory;
import org.lehr.engine.nn.ssm.FirstRates;
import org.lehr.engine.nn.ssm.LinearRecurrentUnit;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.nn.ssm.MambaBlock;
import org.lehr.engine.nn.ssm.Reparametrization;
import org.lehr.engine.nn.ssm.S4D;
import org.lehr.engine.nn.ssm.ShortConvolution;
import org.lehr.engine.nn.transformer.Head;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.kernels.DType;

/// Gradients of every layer with respect to its input and all its parameters, against central differences
/// in float64.
final class LayerGradientTest {

    private static final Initializer WEIGHT = Initializer.normal(0.5);
    private static final RandomStream RANDOM = new RandomStream(11);

    @TestFactory
    Stream<DynamicTest> layers() {
        return Stream.of(
                of("linear", new Linear(5, 3, WEIGHT, WEIGHT, RANDOM), 2, 7, 5),
                of("linear without bias", new Linear(5, 3, false, RANDOM), 7, 5),
                of("layer norm", new LayerNorm(5, true, 1e-5), 2, 3, 5),
                of("layer norm without bias", new LayerNorm(5, false, 1e-5), 3, 5),
                of("rms norm", new RmsNorm(5, 1e-6), 2, 3, 5),
                of("short convolution", new ShortConvolution(3, 4, RANDOM), 2, 5, 3),
                of("mamba", new Mamba(new Mamba.Form(3, 2, 3, 2, 2), RANDOM), 2, 5, 3),
                of("mamba block", new MambaBlock<>(new Mamba.Form(3, 2, 2, 1, 1), 2, RANDOM), 1, 4, 3),
                of("sequential", new Sequential(new Linear(3, 2, true, RANDOM), Sequential.of(Tensor::tanh)), 5, 3));
    }

    @TestFactory
    Stream<DynamicTest> linearModels() {
        Reparametrization best = Reparametrization.inverseQuadratic(1, 0.5);
        return Stream.of(
                of("S4D", new S4D(new S4D.Form(3, 2, true, FirstRates.RANDOM, best, true), RANDOM), 2, 5, 3),
                of("S4D by scan", new S4D(new S4D.Form(3, 2, true, FirstRates.HIPPO, best, false), RANDOM), 2, 5, 3),
                of("real S4D", new S4D(new S4D.Form(3, 2, false, FirstRates.RANDOM, best, true), RANDOM), 2, 5, 3),
                of("DLR", new Dlr(3, 2, RANDOM), 2, 5, 3),
                of("S5", new DiagonalScan(DiagonalScan.Form.of(3), RANDOM), 2, 5, 3),
                of("LRU", new LinearRecurrentUnit(LinearRecurrentUnit.Form.of(3), RANDOM), 2, 5, 3),
                of("FFM", new FastForgetfulMemory(new FastForgetfulMemory.Form(3, 2, 2, 2, 9), RANDOM), 2, 5, 3));
    }

    @TestFactory
    Stream<DynamicTest> mlps() {
        return Stream.of(Activation.values())
                .flatMap(activation -> Stream.of(true, false)
                        .map(gated -> of(
                                activation + (gated ? " gated" : " plain"),
                                new Mlp(
                                        3,
                                        new Mlp.Form(5, activation, gated, !gated),
                                        Mlp.Names.LLAMA,
                                        WEIGHT,
                                        WEIGHT,
                                        RANDOM.split(activation.name())),
                                2,
                                3)));
    }

    @Test
    void embedding() {
        Embedding layer = new Embedding(5, 3, WEIGHT, RANDOM);
        Tensor indices = Tensor.of(new int[] {4, 1, 1, 0, 4, 4}, 2, 3);
        LayerGradient.check(layer, x -> layer.apply(indices));
    }

    @Test
    void lossOfLanguageModels() {
        Tensor tokens = Tensor.of(new int[] {0, 3, 4, 1, 2, 2}, 2, 3);
        Tensor targets = Tensor.of(new int[] {3, 4, 0, 2, 2, 1}, 6);
        for (boolean tied : List.of(false, true)) {
            TransformerConfig config = TransformerConfig.of(new TransformerSizes(5, 3, 1, 4, 2, 1, 3))
                    .withHead(Head.plain().withTied(tied))
                    .withInitial(new Initial(0.5, true));
            TransformerLM model = new TransformerLM(config, RANDOM);
            LayerGradient.check(model, x -> CrossEntropy.crossEntropy(model.logits(tokens), targets));
        }
    }

    @Test
    void convertingMovesEveryParameter() {
        TransformerLM model = new TransformerLM(TransformerConfig.of(7, 3, 1, 4, 2), RANDOM);
        model.convert(DType.FLOAT64);
        model.parameters()
                .forEach((path, p) -> assertEquals(DType.FLOAT64, p.own().dtype(), path));
    }

    private static DynamicTest of(String name, Layer layer, long... extents) {
        return DynamicTest.dynamicTest(name, () -> LayerGradient.check(layer, extents));
    }
}
