/// Normalisation of rows: layer norm and RMS norm, forward and backward.
///
/// Knows memory, threads and lanes. Sums over rows are formed per piece of rows and combined in order by
/// [org.lehr.kernels.normalization.ColumnSumKernel]. A new norm is one kernel class here and a method in
/// [org.lehr.kernels.NormalizationKernels].
package org.lehr.kernels.normalization;
