package org.lehr.bench;

import java.util.function.Supplier;
import org.lehr.bench.step.TrainingStep;

/// A whole training step. Each engine takes it in a process of its own, by turns, so that a drift of the machine's
/// speed meets both alike; the losses of the first steps must agree.
///
/// @param pairs how many turns of each are timed
/// @param large whether a step takes seconds; then a short run leaves it out
/// @param alone the peer's step with weights of its own, to see how much memory it needs by itself; null when nobody
///              asks
public record StepRow(
        String name,
        Cost cost,
        int pairs,
        boolean large,
        Supplier<TrainingStep> ours,
        Supplier<TrainingStep> theirs,
        Supplier<TrainingStep> alone)
        implements Row {}
