package org.lehr.engine.schedule.plan;

import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.Stretched;

/// What changes with a training when its batch does (Hoffer, Hubara, Soudry 2017). A schedule counts updates. Over
/// the same epochs a batch that is `r` times as large has `r` times fewer updates ([#sameEpochs]), which generalises
/// worse; adapted to it, the training has as many updates as before and `r` times the epochs.
///
/// @param from the batch that the schedule was made for
/// @param to the new batch
public record BatchRegime(long from, long to) {

    static final CodeEntry ENTRY =
            CodeEntry.of("batch-regime", "a schedule for another size of batch", BatchRegime.class);

    public BatchRegime {
        Require.steps("batch regime", "from", from);
        Require.steps("batch regime", "to", to);
    }

    /// r, how many times as large the new batch is.
    public double ratio() {
        return (double) to / from;
    }

    /// The schedule with the rate times `√r`, which keeps the covariance of the updates.
    public Schedule squareRoot(Schedule rate) {
        return rate.scale(Math.sqrt(ratio()));
    }

    /// The schedule with the rate times `r` (Goyal et al. 2017), for batches that are still small.
    public Schedule linear(Schedule rate) {
        return rate.scale(ratio());
    }

    /// The schedule over the same epochs: `r` times fewer updates.
    public Schedule sameEpochs(Schedule schedule) {
        return new Stretched(schedule, 1 / ratio());
    }

    /// The epochs that give as many updates as `epochs` did.
    public double epochs(double epochs) {
        Require.value("batch regime", "epochs", epochs);
        return epochs * ratio();
    }

    /// The deviation of a factor `1 + deviation·z` on each sample's gradient that brings the noise of the small
    /// batch back to the mean of the large one: `√(r − 1)`, 0 when the batch did not grow.
    public double gradientNoise() {
        return Math.sqrt(Math.max(0, ratio() - 1));
    }
}
