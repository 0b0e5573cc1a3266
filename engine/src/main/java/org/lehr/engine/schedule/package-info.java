/// Numbers that change in the course of a run, as pure functions of the step: learning rates, but just as well
/// momentum, weight decay, dropout or a temperature.
///
/// A new schedule is one record that implements [Schedule][org.lehr.engine.schedule.Schedule], checks its components
/// in the compact constructor, says what comes after its end, and declares a
/// [ScheduleFamily][org.lehr.engine.schedule.ScheduleFamily] as a constant: its name, its options and how it is made
/// from them. By that constant it is found; the contract's tests, `lehr schedules` and `lehr train --schedule` then
/// know it. A part that joins schedules declares a [CodeEntry][org.lehr.engine.schedule.CodeEntry]. It is
/// all about plain numbers: no tensors here.
package org.lehr.engine.schedule;
