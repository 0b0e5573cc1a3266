package org.lehr.engine.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// What tests of optimizers share: parameters by hand, and small losses to go down.
final class Fixture {

    private Fixture() {}

    static ParameterGroup group(Parameter... parameters) {
        SequencedMap<String, Parameter> named = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            named.put("p" + named.size(), parameter);
        }
        return new ParameterGroup(named, 1, 1);
    }

    static Parameter parameter(DType dtype, double... values) {
        return new Parameter(Tensor.of(values, values.length).to(dtype));
    }

    static void gradient(Parameter parameter, double... values) {
        parameter.clearGradient();
        parameter
                .own()
                .setGradient(Tensor.of(values, parameter.own().shape().toArray())
                        .to(parameter.own().dtype()));
    }

    static Map<String, Tensor> copy(Map<String, Tensor> tensors) {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        tensors.forEach((path, t) -> copies.put(
                path, Tensor.of(t.toDoubleArray(), t.shape().toArray()).to(t.dtype())));
        return copies;
    }

    /// One step on `loss`, with all that an optimizer may ask for; returns the loss before it.
    static double step(Optimizer optimizer, Supplier<Tensor> loss) {
        try (var _ = Scope.open()) {
            Evaluation evaluation = new Evaluation(optimizer.groups(), loss);
            double value;
            if (optimizer.demand() == Optimizer.Demand.LOSS) {
                value = evaluation.loss();
            } else {
                value = evaluation.gradients().loss();
            }
            optimizer.step(1, evaluation);
            return value;
        }
    }

    /// `Σ (p − centre)²` for parameters of any shape.
    static Supplier<Tensor> parabola(List<Parameter> parameters, double... centres) {
        return () -> {
            Tensor sum = null;
            for (int i = 0; i < parameters.size(); i++) {
                Tensor term = parameters
                        .get(i)
                        .value()
                        .sub(centres[i])
                        .square()
                        .to(DType.FLOAT32)
                        .sum();
                sum = sum == null ? term : sum.add(term);
            }
            return sum;
        };
    }

    /// Rosenbrock's valley `(1 − x)² + 100(y − x²)²` over a parameter of two numbers.
    static Supplier<Tensor> valley(Parameter point) {
        return () -> {
            Tensor x = point.value().slice(0, 0, 1);
            Tensor y = point.value().slice(0, 1, 2);
            Tensor off = y.sub(x.square());
            return x.neg().add(1).square().add(off.square().mul(100)).sum();
        };
    }

    /// A network of two layers and its loss on 64 points of a curve.
    record Net(Sequential model, Supplier<Tensor> loss) {

        static Net of(long seed) {
            RandomStream random = new RandomStream(seed);
            Sequential model = new Sequential(
                    new Linear(2, 16, true, random.split("hidden")),
                    Sequential.of(Tensor::tanh),
                    new Linear(16, 1, true, random.split("output")));
            Tensor x = random.uniform(DType.FLOAT32, 64, 2).mul(4).sub(2);
            Tensor y = x.slice(1, 0, 1).mul(x.slice(1, 1, 2)).tanh();
            return new Net(model, () -> model.apply(x).sub(y).square().mean());
        }
    }
}
