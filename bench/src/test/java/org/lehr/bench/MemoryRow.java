package org.lehr.bench;

import java.util.function.Supplier;
import org.lehr.bench.step.TrainingStep;

/// The largest resident memory of a process that takes some training steps and does nothing else.
///
/// @param steps  how many
/// @param theirs the peer's step, made without any part of ours
public record MemoryRow(
        String name, int steps, boolean large, Supplier<TrainingStep> ours, Supplier<TrainingStep> theirs)
        implements Row {}
