/// Many values into one: sums, extremes and their kin over any dimensions, running reductions, softmax, orders, norms.
///
/// [CpuReductions] checks and chooses: outputs that stand side by side go by columns ([ColumnReduction]), all others by
/// rows ([RowReduction]), integers by [IntegerReduction]. A new reduction is a [Pass] or two, put together in
/// [Formula].
///
/// Everything is cut by sizes alone, and every order of additions is stated where it is made, so that the number of
/// threads and the width of vectors change no bit. Without the vector module sums round differently.
package org.lehr.kernels.reduction;
