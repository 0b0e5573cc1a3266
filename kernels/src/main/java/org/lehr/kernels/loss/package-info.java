/// Losses fused with the softmax before them.
///
/// Knows memory, threads, lanes, and [org.lehr.kernels.indexing.Indices] for classes.
package org.lehr.kernels.loss;
