/// Convolutions as products of matrices, and the causal one along time.
///
/// In two dimensions the left matrix holds the filters and the right one, `[channels·kh·kw, places]`, what
/// each filter sees at each place. The right matrix never exists as a whole:
/// [org.lehr.kernels.convolution.Patches] copies as much of it as the product works on at a time, in the
/// order in which it is read (`implicit GEMM`; Chetlur et al., cuDNN, 2014).
package org.lehr.kernels.convolution;
