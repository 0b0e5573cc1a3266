package org.lehr.engine.schedule.predict;

import org.lehr.engine.schedule.Schedule;

/// A schedule with the number that is predicted for its end: a loss, or a bound on one.
public record Ranked(Schedule schedule, double value) {}
