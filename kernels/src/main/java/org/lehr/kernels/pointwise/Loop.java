package org.lehr.kernels.pointwise;

import org.lehr.kernels.convert.Run;

/// Applies one operation to runs of values: `out[i] = body(a[i], b[i], c[i])` for `i < n`.
///
/// `body` is what the loop was [made for][Loops]; an output may be one of the inputs.
interface Loop {

    void unary(Object body, Run out, Run a, int n);

    void binary(Object body, Run out, Run a, Run b, int n);

    void ternary(Object body, Run out, Run a, Run b, Run c, int n);
}
