package org.lehr.engine.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.lehr.engine.train.run.MetricNames;

/// What ranks other than the first do of a [TrainingRun]: its steps and validations at the same times, but no files.
public final class FollowingRun {

    private final Trainer<?> trainer;
    private final TrainingRun.Plan plan;
    private final Supplier<SequencedMap<String, Double>> validation;

    /// @param validation as that of the first rank
    public FollowingRun(Trainer<?> trainer, TrainingRun.Plan plan, Supplier<SequencedMap<String, Double>> validation) {
        this.trainer = trainer;
        this.plan = plan;
        this.validation = validation;
    }

    /// Goes back to the checkpoint that the first rank goes on from.
    ///
    /// @throws CheckpointException when it is not there, or of another model
    public void resume(Path checkpoint) throws IOException {
        Checkpoint.restore(checkpoint, trainer);
    }

    /// Runs to the end, or until the first rank stops.
    public void run() {
        trainer.align();
        boolean stopped = false;
        while (trainer.steps() < plan.steps() && !stopped) {
            long step = trainer.step().step();
            boolean last = step == plan.steps();
            if (last || step % plan.validateEvery() == 0 || trainer.listener().wantsValidation(step)) {
                double loss = trainer.optimizer().evaluating(validation).get(MetricNames.VALIDATION_LOSS);
                trainer.listener().validated(step, loss);
            }
            stopped = !last && trainer.agree(false);
        }
    }
}
