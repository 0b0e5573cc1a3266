package org.lehr.bench.step;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Sgd;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.engine.tensor.op.Linear;
import org.lehr.kernels.DType;

/// The comparison's classifier in Lehr.
public final class LehrMlpStep implements TrainingStep {

    private final SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
    private final RandomStream random = new RandomStream(1);
    private final Tensor pixels;
    private final Tensor labels;
    private final LehrTraining training;

    public LehrMlpStep(MlpShape shape) {
        layer("first", shape.hidden(), shape.inputs());
        layer("second", shape.hidden(), shape.hidden());
        layer("third", shape.classes(), shape.hidden());
        pixels = Tensor.of(shape.pixels(), shape.batch(), shape.inputs());
        labels = Tensor.of(shape.labels());
        training = new LehrTraining(
                parameters, new Sgd(List.of(new ParameterGroup(parameters, 1, 1)), new Constant(MlpShape.RATE), 0));
    }

    private void layer(String path, long out, long in) {
        Tensor weight = random.normal(DType.FLOAT32, out, in).mul(1 / Math.sqrt(in));
        parameters.put(path + ".weight", new Parameter(weight));
        parameters.put(path + ".bias", new Parameter(Tensor.zeros(out)));
    }

    private Tensor linear(String path, Tensor x) {
        return Linear.linear(
                x,
                parameters.get(path + ".weight").value(),
                parameters.get(path + ".bias").value());
    }

    @Override
    public double step() {
        return training.step(this::loss);
    }

    private Tensor loss() {
        Tensor hidden = linear("second", linear("first", pixels).relu()).relu();
        return CrossEntropy.crossEntropy(linear("third", hidden), labels);
    }

    /// The parameters' values in the order of construction, each row-major.
    public Iterator<float[]> weights() {
        return training.weights();
    }

    @Override
    public void close() {
        training.optimizer().clearGradients();
    }
}
