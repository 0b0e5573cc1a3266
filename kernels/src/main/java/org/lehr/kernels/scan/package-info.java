/// Linear recurrences along time. What is slow about them on other machines, memory for all states, does not arise:
/// [org.lehr.kernels.scan.SelectiveKernel] walks along time with the states of a few channels in the first level of
/// the cache. Where whole states decay alike, [org.lehr.kernels.scan.DualKernel] walks in chunks of time, which are
/// products of matrices.
package org.lehr.kernels.scan;
