package org.lehr.bench.step;

import java.util.Iterator;
import java.util.List;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.moe.Experts;
import org.lehr.engine.nn.moe.MixtureOfExperts;
import org.lehr.engine.nn.moe.Scoring;
import org.lehr.engine.nn.moe.TopK;
import org.lehr.engine.nn.moe.TopKRouter;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// The comparison's mixture of experts in Lehr.
public final class LehrMoeStep implements TrainingStep {

    private final MixtureOfExperts layer;
    private final Parameter input;
    private final Tensor targets;
    private final LehrTraining training;

    public LehrMoeStep(MoeShape shape) {
        RandomStream random = new RandomStream(1);
        Initializer weight = Initializer.fanInUniform();
        layer = new MixtureOfExperts(
                MixtureOfExperts.Form.dropless(new Experts.Form(shape.width(), shape.hidden(), Activation.GELU, false)),
                new TopKRouter(
                        shape.width(),
                        shape.experts(),
                        Scoring.SOFTMAX,
                        TopK.of(MoeShape.CHOSEN),
                        weight,
                        random.split("gate")),
                List.of(),
                weight,
                weight,
                random);
        input = new Parameter(Tensor.of(shape.numbers(0), 1, shape.tokens(), shape.width()));
        targets = Tensor.of(shape.numbers(1), 1, shape.tokens(), shape.width());
        training = new LehrTraining(
                layer.parameters(),
                new AdamW(
                        List.of(new ParameterGroup(layer.parameters(), 1, 1)),
                        new Constant(MoeShape.RATE),
                        MoeShape.WEIGHT_DECAY));
    }

    @Override
    public double step() {
        double loss = training.step(
                () -> layer.apply(input.value()).sub(targets).square().mean());
        input.clearGradient();
        return loss;
    }

    /// The gate, then of all experts the first and the second matrices, each row-major.
    public Iterator<float[]> weights() {
        return training.weights();
    }

    @Override
    public void close() {
        training.optimizer().clearGradients();
    }
}
