package org.lehr.bench.rows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.lehr.bench.Cost;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.bench.step.FusedAdamW;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.GradientClip;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Sgd;
import org.lehr.engine.schedule.Constant;

/// Updates of 10 M parameters, given a gradient. The result is the parameters, changed in place.
public final class OptimizerRows implements Rows {

    private static final long[] SHAPE = {4096, 2560};
    private static final double SIZE = 4096.0 * 2560;
    private static final double RATE = 1e-3;
    private static final double DECAY = 0.01;
    private static final double LIMIT = 1;

    @Override
    public Stream<Row> rows() {
        return Stream.of(
                row(
                        "adamw/10M",
                        7,
                        new Ours(groups -> new AdamW(groups, new Constant(RATE), DECAY), false),
                        new TheirAdamW()),
                row(
                        "sgd/10M",
                        3,
                        new Ours(groups -> new Sgd(groups, new Constant(RATE), 0), false),
                        x -> x[0].add_(x[1], new Scalar(-RATE))),
                // The gradient is read once for its norm and once more for the update.
                row(
                        "clip-and-sgd/10M",
                        4,
                        new Ours(groups -> new Sgd(groups, new Constant(RATE), 0), true),
                        OptimizerRows::clipAndUpdate));
    }

    private static Row row(String name, int passes, Operation.Ours ours, Operation.Theirs theirs) {
        return Operation.forward(name, Cost.floats(passes * SIZE), ours, theirs, SHAPE, SHAPE);
    }

    private static Tensor clipAndUpdate(Tensor... x) {
        Tensor norm = torch.linalg_vector_norm(x[1]);
        Tensor factor =
                norm.add(new Scalar(1e-6)).reciprocal().mul(new Scalar(LIMIT)).clamp_max(new Scalar(1));
        return x[0].add_(x[1].mul_(factor), new Scalar(-RATE));
    }

    /// One of our optimizers, made for the tensors of the first call.
    private static final class Ours implements Operation.Ours {

        private final Function<List<ParameterGroup>, Optimizer> kind;
        private final boolean clip;
        private Optimizer optimizer;
        private Parameter parameter;

        Ours(Function<List<ParameterGroup>, Optimizer> kind, boolean clip) {
            this.kind = kind;
            this.clip = clip;
        }

        @Override
        public org.lehr.engine.tensor.Tensor of(org.lehr.engine.tensor.Tensor... x) {
            if (optimizer == null) {
                SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
                parameter = new Parameter(x[0]);
                parameters.put("weight", parameter);
                optimizer = kind.apply(List.of(new ParameterGroup(parameters, 1, 1)));
            }
            parameter.value().setGradient(x[1]);
            optimizer.step(clip ? GradientClip.factor(GradientClip.norm(optimizer.groups()), LIMIT) : 1);
            return parameter.value();
        }
    }

    private static final class TheirAdamW implements Operation.Theirs {

        private FusedAdamW optimizer;

        @Override
        public Tensor of(Tensor... x) {
            if (optimizer == null) {
                optimizer = new FusedAdamW(List.of(x[0]), RATE, DECAY);
            }
            optimizer.step(List.of(x[1]));
            return x[0];
        }
    }
}
