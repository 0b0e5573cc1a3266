/// Softmax attention: [org.lehr.kernels.attention.AttentionKernel] has the equations in plain loops, and the float32
/// path computes the same by blocks that stay in the cache.
///
/// Knows views, memory, threads, the conversions of bfloat16 and the tiles of the matrix product. The products of
/// blocks
/// are its own: they run on rows where these stand, or on scratch that is laid out for them, with a mask that cuts off
/// their corners.
package org.lehr.kernels.attention;
