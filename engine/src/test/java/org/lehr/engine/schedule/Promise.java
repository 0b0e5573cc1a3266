package org.lehr.engine.schedule;

/// A schedule and what it promises.
///
/// @param first `at(0)`
/// @param end the step at which `last` is reached; from there on it stays there when `stays`
/// @param falls whether it never rises
/// @param jump how much two neighbouring steps may differ; infinite where nothing is promised
record Promise(Schedule schedule, double first, long end, double last, boolean stays, boolean falls, double jump) {

    static Promise falling(Schedule schedule, double first, long end, double last, double jump) {
        return new Promise(schedule, first, end, last, true, true, jump);
    }

    Promise endless() {
        return new Promise(schedule, first, end, last, false, falls, jump);
    }

    Promise rising() {
        return new Promise(schedule, first, end, last, stays, false, jump);
    }
}
