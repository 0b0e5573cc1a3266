/// Optimizer steps, all parameters in one sweep.
///
/// An optimizer is one kernel class on segments and a method in [org.lehr.kernels.update.CpuUpdates], which
/// cuts the arrays into [org.lehr.kernels.update.Chunks] and widens bfloat16.
package org.lehr.kernels.update;
