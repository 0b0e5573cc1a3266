package org.lehr.engine.distributed;

import java.util.Locale;
import org.lehr.kernels.pointwise.Add;
import org.lehr.kernels.pointwise.Maximum;
import org.lehr.kernels.pointwise.Minimum;
import org.lehr.kernels.pointwise.PointwiseOp;

/// What becomes of the values of all ranks.
public enum Reduction {
    SUM(Add.OP),
    /// The sum, divided by the number of ranks. For floating dtypes.
    MEAN(Add.OP),
    MAX(Maximum.OP),
    MIN(Minimum.OP);

    private final PointwiseOp op;

    Reduction(PointwiseOp op) {
        this.op = op;
    }

    /// What is done with two of them.
    PointwiseOp op() {
        return op;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
