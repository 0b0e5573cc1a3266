/// Products of matrices: [org.lehr.kernels.matmul.Gemm] for one thread, as a part of other kernels, and
/// [org.lehr.kernels.matmul.MatmulKernel] for stacks on all threads.
///
/// From the outside in, after Goto and van de Geijn (Anatomy of high-performance matrix multiplication, 2008):
/// `StackProduct` cuts the result into blocks, `BlockProduct` goes over depth, panels and tiles, `LeftRows`,
/// `PackedRight` and `Panels` bring the operands into place, a `TileKernel` that `TileWriter` wrote computes a tile in
/// registers, and `TileStore` finishes it.
package org.lehr.kernels.matmul;
