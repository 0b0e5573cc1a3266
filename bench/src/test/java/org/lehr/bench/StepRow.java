package org.lehr.bench;

import java.util.function.Supplier;
import org.lehr.bench.step.TrainingStep;

/// A whole training step. Each engine takes it in a process of its own, by turns, so that a drift of the machine's
/// speed meets both alike; the losses of the first steps must agree.
///
/// @param pairs how many turns of each are timed
/// @param large whether a step takes seconds; then a short run leaves it out
public record StepRow(
        String name, Cost cost, int pairs, boolean large, Supplier<TrainingStep> ours, Supplier<TrainingStep> theirs)
        implements Row {}
