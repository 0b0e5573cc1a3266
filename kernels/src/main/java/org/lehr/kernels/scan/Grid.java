package org.lehr.kernels.scan;

import org.lehr.kernels.View;
import org.lehr.kernels.memory.Reals;

/// The numbers of a view by their places, for the reference kernels.
///
/// @param reals all numbers of the storage's dtype from the view's first on
record Grid(Reals reals, long[] strides) {

    /// The elements of a view, or null for null.
    static Grid of(View view) {
        if (view == null) {
            return null;
        }
        long reach = view.size() == 0 ? 0 : 1;
        for (int i = 0; i < view.rank() && reach > 0; i++) {
            reach += (view.shape()[i] - 1) * view.strides()[i];
        }
        View flat = new View(view.storage(), view.dtype(), view.offset(), new long[] {reach}, new long[] {1});
        return new Grid(Reals.of(flat), view.strides());
    }

    /// Element `last` behind `(i, j)`.
    double get(long i, long j, long last) {
        return reals.get(i * strides[0] + j * strides[1] + last);
    }

    /// Element `last` behind `(i, j, k)`.
    double get(long i, long j, long k, long last) {
        return reals.get(i * strides[0] + j * strides[1] + k * strides[2] + last);
    }

    /// Sets element `last` behind `(i, j)`.
    void put(long i, long j, long last, double value) {
        reals.put(i * strides[0] + j * strides[1] + last, value);
    }

    /// Sets element `last` behind `(i, j, k)`.
    void put(long i, long j, long k, long last, double value) {
        reals.put(i * strides[0] + j * strides[1] + k * strides[2] + last, value);
    }

    /// Adds to element `last` behind `(i, j, k)`.
    void add(long i, long j, long k, long last, double value) {
        long at = i * strides[0] + j * strides[1] + k * strides[2] + last;
        reals.put(at, reals.get(at) + value);
    }
}
