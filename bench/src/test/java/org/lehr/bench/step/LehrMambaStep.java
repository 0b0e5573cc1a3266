package org.lehr.bench.step;

import java.util.Iterator;
import java.util.List;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.nn.ssm.MambaLM;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;

/// The comparison's state-space model in Lehr.
public final class LehrMambaStep implements TrainingStep {

    private final MambaLM<Mamba.State> model;
    private final Tensor inputs;
    private final Tensor targets;
    private final LehrTraining training;

    public LehrMambaStep(MambaShape shape) {
        model = new MambaLM<>(
                new MambaLM.Form<>(shape.vocabulary(), shape.context(), shape.layers(), shape.mixer()),
                new RandomStream(1));
        inputs = Tensor.of(shape.tokens(0), shape.batch(), shape.context());
        targets = Tensor.of(shape.tokens(1));
        training = new LehrTraining(
                model.parameters(),
                new AdamW(
                        List.of(new ParameterGroup(model.parameters(), 1, 1)),
                        new Constant(MambaShape.RATE),
                        MambaShape.WEIGHT_DECAY));
    }

    @Override
    public double step() {
        return training.step(() -> CrossEntropy.crossEntropy(model.logits(inputs), targets));
    }

    /// The parameters' values in the order of construction, each row-major and copied when it is asked for.
    public Iterator<float[]> weights() {
        return training.weights();
    }

    @Override
    public void close() {
        training.optimizer().clearGradients();
    }
}
