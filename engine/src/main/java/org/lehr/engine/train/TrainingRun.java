package org.lehr.engine.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.lehr.engine.train.run.CheckpointFolder;
import org.lehr.engine.train.run.MetricNames;
import org.lehr.engine.train.run.MetricsLog;
import org.lehr.engine.train.run.RunFolder;
import org.lehr.engine.train.run.TensorBoardWriter;

/// A run: steps, validation along the way, metrics, checkpoints. It ends after the planned steps, or earlier when asked
/// to.
public final class TrainingRun {

    /// When things happen.
    ///
    /// @param steps how many steps the run has
    /// @param logEvery steps between two log lines
    /// @param validateEvery steps between two validations
    /// @param checkpointEvery steps between two checkpoints; 0 for only one at the end
    /// @param keep how many of the newest checkpoints stay, besides the best
    public record Plan(long steps, int logEvery, int validateEvery, int checkpointEvery, int keep) {
        public Plan {
            if (steps < 1 || logEvery < 1 || validateEvery < 1 || checkpointEvery < 0 || keep < 1) {
                throw new IllegalArgumentException(
                        "run: steps, intervals and kept checkpoints must be positive, got steps "
                                + steps + ", log " + logEvery + ", validate " + validateEvery + ", checkpoint "
                                + checkpointEvery
                                + ", keep " + keep);
            }
        }
    }

    /// Told what happens, for people.
    public interface Observer {

        /// A step was taken; every step is reported.
        void stepped(StepReport report);

        /// A validation gave this loss, in nats per token.
        void validated(long step, double loss);

        /// A checkpoint stands at `path`.
        void saved(long step, Path path);
    }

    /// How a run ended.
    ///
    /// @param steps steps taken in all
    /// @param trainLoss mean training loss since the last log line, in nats
    /// @param validationLoss the last validation loss, in nats
    /// @param interrupted whether it was asked to stop before its planned end
    public record Outcome(long steps, double trainLoss, double validationLoss, boolean interrupted) {}

    private final Trainer<?> trainer;
    private final Plan plan;
    private final RunFolder folder;
    private final Supplier<SequencedMap<String, Double>> validation;
    private final Observer observer;
    private final long checkpointBuffer;
    private SequencedMap<String, Double> heldOut = new LinkedHashMap<>();
    private double bestLoss = Double.POSITIVE_INFINITY;
    private long bestStep;
    private double lossSum;
    private double secondsSum;
    private long itemsSum;
    private long logged;
    private double trainLoss = Double.NaN;

    /// @param validation measures on held-out data, the same each time for the same parameters: metrics by name,
    ///     among them [MetricNames#VALIDATION_LOSS]
    /// @param checkpointBuffer bytes through which checkpoints are saved while training goes on
    ///     ([LazyCheckpoints]); 0 saves them while training waits
    public TrainingRun(
            Trainer<?> trainer,
            Plan plan,
            RunFolder folder,
            Supplier<SequencedMap<String, Double>> validation,
            Observer observer,
            long checkpointBuffer) {
        if (checkpointBuffer < 0) {
            throw new IllegalArgumentException(
                    "run: a checkpoint buffer of " + checkpointBuffer + " bytes: expected 0 or more");
        }
        this.trainer = trainer;
        this.plan = plan;
        this.folder = folder;
        this.validation = validation;
        this.observer = observer;
        this.checkpointBuffer = checkpointBuffer;
    }

    /// Goes back to the newest checkpoint of the folder.
    ///
    /// @throws CheckpointException when there is none, or it is of another model
    public void resume() throws IOException {
        CheckpointFolder.Checkpoint latest = folder.checkpoints()
                .latest()
                .orElseThrow(() -> new CheckpointException("run " + folder.path()
                        + " has no checkpoint to resume from; start it again with --out elsewhere"));
        Checkpoint.Progress progress = Checkpoint.restore(latest.path(), trainer);
        bestLoss = progress.bestLoss();
        bestStep = progress.bestStep();
        folder.rewind(latest.step());
    }

    /// Runs to the end, or until `stop` says so, on any rank; then a checkpoint of the last step is there.
    public Outcome run(BooleanSupplier stop) throws IOException {
        boolean interrupted = false;
        trainer.align();
        try (MetricsLog log = MetricsLog.resume(folder.metricsFile(), trainer.steps());
                TensorBoardWriter events = TensorBoardWriter.resume(folder.path(), trainer.steps());
                LazyCheckpoints lazy = checkpointBuffer == 0
                        ? null
                        : new LazyCheckpoints(folder.checkpoints(), trainer, plan.keep, checkpointBuffer)) {
            while (trainer.steps() < plan.steps) {
                StepReport report = trainer.step();
                long step = report.step();
                observer.stepped(report);
                if (lazy != null) {
                    lazy.settled().forEach(this::saved);
                }
                count(report);
                boolean last = step == plan.steps;
                boolean validated = last
                        || step % plan.validateEvery == 0
                        || trainer.listener().wantsValidation(step);
                if (validated) {
                    validate(step);
                }
                if (validated || step % plan.logEvery == 0) {
                    SequencedMap<String, Object> metrics = metrics(report, validated);
                    log.append(step, metrics);
                    for (var metric : metrics.entrySet()) {
                        events.scalar(step, metric.getKey(), ((Number) metric.getValue()).doubleValue());
                    }
                }
                interrupted = !last && trainer.agree(stop.getAsBoolean());
                boolean due = plan.checkpointEvery > 0 && step % plan.checkpointEvery == 0;
                if (due || last || interrupted || validated && bestStep == step && plan.checkpointEvery > 0) {
                    save(lazy);
                }
                if (interrupted) {
                    break;
                }
            }
            if (lazy != null) {
                lazy.finish().forEach(this::saved);
            }
        }
        if (heldOut.isEmpty()) {
            validate(trainer.steps());
        }
        return new Outcome(trainer.steps(), trainLoss, heldOut.get(MetricNames.VALIDATION_LOSS), interrupted);
    }

    private void count(StepReport report) {
        lossSum += report.loss();
        secondsSum += report.seconds();
        itemsSum += report.items();
        logged++;
    }

    private void validate(long step) {
        heldOut = trainer.optimizer().evaluating(validation);
        double validationLoss = heldOut.get(MetricNames.VALIDATION_LOSS);
        if (validationLoss < bestLoss) {
            bestLoss = validationLoss;
            bestStep = step;
        }
        trainer.listener().validated(step, validationLoss);
        observer.validated(step, validationLoss);
    }

    private SequencedMap<String, Object> metrics(StepReport report, boolean validated) {
        SequencedMap<String, Object> metrics = new LinkedHashMap<>();
        trainLoss = lossSum / logged;
        metrics.put(MetricNames.LOSS, trainLoss);
        metrics.put(MetricNames.LEARNING_RATE, report.rate());
        metrics.put(MetricNames.GRADIENT_NORM, report.gradientNorm());
        metrics.put(MetricNames.TOKENS_PER_SECOND, itemsSum / secondsSum);
        if (validated) {
            metrics.putAll(heldOut);
        }
        lossSum = 0;
        secondsSum = 0;
        itemsSum = 0;
        logged = 0;
        return metrics;
    }

    private void save(LazyCheckpoints lazy) throws IOException {
        if (lazy != null) {
            lazy.save(bestLoss, bestStep);
            return;
        }
        CheckpointFolder.Checkpoint checkpoint = folder.checkpoints()
                .save(trainer.steps(), target -> Checkpoint.write(target, trainer, bestLoss, bestStep));
        folder.checkpoints().prune(plan.keep, bestStep > 0 ? OptionalLong.of(bestStep) : OptionalLong.empty());
        saved(checkpoint);
    }

    private void saved(CheckpointFolder.Checkpoint checkpoint) {
        observer.saved(checkpoint.step(), checkpoint.path());
    }
}
