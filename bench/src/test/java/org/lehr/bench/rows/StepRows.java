package org.lehr.bench.rows;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.lehr.bench.Cost;
import org.lehr.bench.MemoryRow;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.bench.StepRow;
import org.lehr.bench.TorchScan.Reading;
import org.lehr.bench.step.GptShape;
import org.lehr.bench.step.LehrGptStep;
import org.lehr.bench.step.LehrMambaStep;
import org.lehr.bench.step.LehrMlpStep;
import org.lehr.bench.step.MambaShape;
import org.lehr.bench.step.MlpShape;
import org.lehr.bench.step.TorchGptStep;
import org.lehr.bench.step.TorchMambaStep;
import org.lehr.bench.step.TorchMlpStep;
import org.lehr.bench.step.TrainingStep;

/// Whole training steps: forward, backward and the optimizer; and the memory that they need.
public final class StepRows implements Rows {

    @Override
    public Stream<Row> rows() {
        return Stream.of(
                classifier("step/mlp/batch32", MlpShape.digits(32)),
                classifier("step/mlp/batch128", MlpShape.digits(128)),
                transformer("step/gpt/6x384/batch8/context256", GptShape.SMALL, 6, false),
                transformer("step/gpt2/batch4/context64", GptShape.gpt2(64), 3, true),
                transformer("step/gpt2/batch4/context256", GptShape.gpt2(256), 2, true),
                mamba("step/mamba/4x256/batch4/context256", Reading.EACH),
                mamba("step/mamba/4x256/batch4/context256/stacked", Reading.STACKED),
                new MemoryRow(
                        "memory/mamba/4x256/batch4/context256",
                        2,
                        false,
                        () -> new LehrMambaStep(MambaShape.SMALL),
                        () -> TorchMambaStep.alone(MambaShape.SMALL, Reading.EACH)),
                memory("memory/gpt/6x384/batch8/context256", GptShape.SMALL, false),
                memory("memory/gpt2/batch4/context64", GptShape.gpt2(64), true),
                memory("memory/gpt2/batch4/context256", GptShape.gpt2(256), true));
    }

    private static Row classifier(String name, MlpShape shape) {
        Supplier<TrainingStep> theirs = () -> {
            try (LehrMlpStep ours = new LehrMlpStep(shape)) {
                return new TorchMlpStep(shape, ours.weights());
            }
        };
        return new StepRow(name, Cost.operations(shape.operations()), 8, false, () -> new LehrMlpStep(shape), theirs);
    }

    /// The peer, which has no scan, in one of two ways of writing it: the faster one counts.
    private static Row mamba(String name, Reading reading) {
        MambaShape shape = MambaShape.SMALL;
        Supplier<TrainingStep> theirs = () -> {
            try (LehrMambaStep ours = new LehrMambaStep(shape)) {
                return TorchMambaStep.with(shape, reading, ours.weights());
            }
        };
        return new StepRow(name, Cost.operations(shape.operations()), 6, false, () -> new LehrMambaStep(shape), theirs);
    }

    private static Row memory(String name, GptShape shape, boolean large) {
        return new MemoryRow(name, 2, large, () -> new LehrGptStep(shape), () -> TorchGptStep.alone(shape));
    }

    private static Row transformer(String name, GptShape shape, int pairs, boolean large) {
        Supplier<TrainingStep> theirs = () -> {
            try (LehrGptStep ours = new LehrGptStep(shape)) {
                return TorchGptStep.with(shape, ours.weights());
            }
        };
        return new StepRow(
                name, Cost.operations(shape.operations()), pairs, large, () -> new LehrGptStep(shape), theirs);
    }
}
