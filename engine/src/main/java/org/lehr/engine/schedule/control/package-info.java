/// Controllers: hyper-parameters that listen to a run, to its losses, its gradients or the drift of its data.
///
/// A [org.lehr.engine.schedule.control.Controller] is told what happens and says what its number is now. Its state is
/// a few named numbers that go into a checkpoint; a controller that was given back its state goes on with the same
/// bits. It composes with any schedule: `base.times(controller.schedule())`. Searches that try rates out
/// ([org.lehr.engine.schedule.control.AutoLrs], [org.lehr.engine.schedule.control.RangeTest]) do so on a
/// [org.lehr.engine.schedule.control.Trial], which can be rolled back.
package org.lehr.engine.schedule.control;
