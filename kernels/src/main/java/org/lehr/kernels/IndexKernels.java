package org.lehr.kernels;

/// Reading and writing at places given by int64 or int32 indices.
///
/// An index outside its range is an `IndexOutOfBoundsException` naming the operation, the position of the index, its
/// value and the range, thrown before anything is written.
public interface IndexKernels {

    /// `out[i, :] = table[indices[i], :]`. `table [rows, n]`, `indices [m]`, `out [m, n]`, dense. Any dtype.
    void selectRows(View out, View table, View indices);

    /// `table[indices[i], :] += values[i, :]`, repeated indices in the order of `i`. Dense. Floating, int64, int32.
    void addRows(View table, View indices, View values);

    /// `table[r, :] = Σ values[i, :]` over the `i` with `indices[i] = r`, in their order; other rows are zero.
    /// Dense.
    /// Floating, int64, int32.
    ///
    /// Costs no more than the rows that are reached, where `table` is memory that this method has filled before and
    /// nobody
    /// else has written to since (see [Backend#allocateForSums]).
    void rowSums(View table, View indices, View values);

    /// `out[i, j, l] = in[i, indices[i, j, l], l]` in three dimensions, the caller having folded the others. Any
    /// dtype. `in [a, n, c]`, `indices`, `out [a, m, c]`, dense.
    void gather(View out, View in, View indices);

    /// `out[i, indices[i, j, l], l] += values[i, j, l]`, repeated places in the order of `j`. Shapes as for
    /// [#gather].
    void scatterAdd(View out, View indices, View values);
}
