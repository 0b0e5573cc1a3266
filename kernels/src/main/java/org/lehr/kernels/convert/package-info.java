/// Between dtypes and between layouts: bfloat16, casts, strided and transposed copies.
///
/// Knows views and memory, no arithmetic on tensors. Other families come here for [org.lehr.kernels.convert.Widened]
/// (a float32 look at a bfloat16 view) and [org.lehr.kernels.convert.Nest] (the loop nest over several views).
package org.lehr.kernels.convert;
