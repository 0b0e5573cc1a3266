package org.lehr.engine.papers;

import java.util.function.LongFunction;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.AdamW;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.control.Dial;
import org.lehr.engine.schedule.control.Trial;
import org.lehr.engine.train.TrainerTrial;

/// A small language model in pre-training, whose rate is given step by step: a run that can be branched and gone on
/// with on other data.
public final class Pretraining {

    private final Learner learner;
    private final TrainerTrial trial;

    /// @param batches what each step sees
    public Pretraining(Layer model, LongFunction<Examples> batches) {
        Dial rate = new Dial(0);
        learner = new Learner(model, batches, adam(rate.schedule()));
        trial = new TrainerTrial(learner.trainer(), rate);
    }

    /// The optimizer of these studies: Adam with a memory that suits runs of hundreds of steps.
    public static Recipe adam(Schedule rate) {
        return new AdamW(rate, new Constant(0.9), new Constant(0.99), 1e-8, new Constant(0), false);
    }

    /// Goes on up to step `end`, at the rates of `schedule`, and returns the losses of the steps.
    public double[] follow(Schedule schedule, long end) {
        long begin = learner.trainer().steps();
        double[] losses = new double[(int) (end - begin)];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = trial.step(schedule.at(begin + i));
        }
        return losses;
    }

    /// Where the run is, for going back.
    public Trial.Saved save() {
        return trial.save();
    }

    /// What may be tried out on the run.
    public TrainerTrial trial() {
        return trial;
    }

    /// The mean loss on `other`.
    public double lossOf(Examples other) {
        return learner.lossOf(other);
    }
}
