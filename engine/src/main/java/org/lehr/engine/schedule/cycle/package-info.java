/// Schedules that rise again: cycles, warm restarts, periods with a decay at the end of each.
///
/// A new one is one record, as in [org.lehr.engine.schedule].
package org.lehr.engine.schedule.cycle;
