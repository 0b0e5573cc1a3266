/// One value out for one value of each input: the operations, one file each, and the loop that applies them.
///
/// To add an operation, write one class beside these (or in a module of your own): a [UnaryOp], [BinaryOp] or
/// [TernaryOp] with a name and its meaning in float64. It then works for all floating dtypes, any strides and threads.
/// `lanes()` makes float32 and bfloat16 fast, `domain()` and `applyLong` open it to integers and masks. An
/// operation without parameters is a final class with a constant `OP`, one with parameters a record. The tests find
/// the operations of this package by themselves.
///
/// Gradients are operations too where a fused form saves a pass over memory: `GeluGrad(x, dy)`, `TanhGrad(y, dy)`.
///
/// May use `convert`, `lanes`, `memory`, `parallel`.
package org.lehr.kernels.pointwise;
