package org.lehr.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Kernels that stand behind chains have the bits of the chains, in parameters and state.
final class FusedChainTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "adam",
                "adam:weight-decay=0.1",
                "adam:amsgrad=true,epsilon=0.01",
                "adamw:weight-decay=0.1",
                "adamw:amsgrad=true,beta1=0.5",
                "sgd",
                "sgd:momentum=0,weight-decay=0.1",
                "sgd:dampening=0.3,weight-decay=0.1",
                "sgd:nesterov=true"
            })
    void theKernelHasTheBitsOfTheChain(String text) {
        ChainRecipe recipe = (ChainRecipe) OptimizerSpec.parse(text, Map.of("rate", step -> 0.1 / (1 + step)))
                .recipe();
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16)) {
            Parameter[] fused = parameters(dtype);
            Parameter[] chained = parameters(dtype);
            Optimizer kernel = recipe.over(groups(fused));
            Optimizer chain = new ChainedOptimizer(groups(chained), recipe.rate(), recipe.chain(), StateFormat.FULL);
            assertEquals(false, kernel instanceof ChainedOptimizer);
            assertEquals(kernel.state().keySet(), chain.state().keySet());
            RandomStream random = new RandomStream(8);
            for (int step = 0; step < 8; step++) {
                for (int i = 0; i < fused.length; i++) {
                    Tensor gradient = random.normal(
                                    DType.FLOAT32, fused[i].own().shape().toArray())
                            .to(dtype);
                    fused[i].own().setGradient(gradient);
                    chained[i].own().setGradient(gradient);
                }
                kernel.step(0.7);
                chain.step(0.7);
            }
            for (int i = 0; i < fused.length; i++) {
                assertArrayEquals(
                        fused[i].own().toDoubleArray(), chained[i].own().toDoubleArray(), text + " in " + dtype);
            }
            kernel.state()
                    .forEach((path, tensor) -> assertArrayEquals(
                            tensor.toDoubleArray(), chain.state().get(path).toDoubleArray(), path));
        }
    }

    private static Parameter[] parameters(DType dtype) {
        RandomStream random = new RandomStream(6);
        return new Parameter[] {
            new Parameter(random.normal(DType.FLOAT32, 130, 129).to(dtype)),
            new Parameter(random.normal(DType.FLOAT32, 7).to(dtype))
        };
    }

    private static List<ParameterGroup> groups(Parameter... parameters) {
        ParameterGroup all = Fixture.group(parameters);
        return List.of(
                Fixture.group(parameters[0]),
                new ParameterGroup(
                        new java.util.LinkedHashMap<>(
                                Map.of("p1", all.parameters().get("p1"))),
                        0.3,
                        0.5));
    }
}
