/// Numbers that change in the course of a run, as pure functions of the step: learning rates, but just as well
/// momentum, weight decay, dropout or a temperature.
///
/// A new schedule is one record that implements [Schedule][org.lehr.engine.schedule.Schedule], checks its components in
/// the compact constructor and says what comes after its end; its test is one line in the contract's table. This
/// package uses nothing but the JDK.
package org.lehr.engine.schedule;
