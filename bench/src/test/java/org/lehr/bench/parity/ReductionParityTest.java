package org.lehr.bench.parity;

import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.tensor.op.CumulativeProduct;
import org.lehr.engine.tensor.op.CumulativeSum;
import org.lehr.engine.tensor.op.Extremum;
import org.lehr.engine.tensor.op.LogSumExp;
import org.lehr.engine.tensor.op.Norm;
import org.lehr.engine.tensor.op.Product;
import org.lehr.engine.tensor.op.Variance;

/// Reductions and scans along one dimension beside libtorch's.
@NeedsPeer
class ReductionParityTest {

    private static final long[][] SHAPES = {{7, 53, 3}, {2, 2, 2}, {5, 2, 131}};

    private final Parity parity = new Parity();

    @TestFactory
    Stream<DynamicTest> reductions() {
        for (long[] shape : SHAPES) {
            for (int d = 0; d < 3; d++) {
                int dimension = d;
                long n = shape[d];
                long[] over = {d};
                parity.add("max", n, x -> Extremum.max(x[0], false, dimension), x -> x[0].amax(over, false), shape);
                parity.add("min", n, x -> Extremum.min(x[0], true, dimension), x -> x[0].amin(over, true), shape);
                parity.add(
                        "variance",
                        n,
                        x -> Variance.variance(x[0], true, false, dimension),
                        x -> torch.var(x[0], over, true, false),
                        shape);
                parity.add(
                        "logsumexp",
                        n,
                        x -> LogSumExp.logSumExp(x[0], false, dimension),
                        x -> x[0].logsumexp(over, false),
                        shape);
                parity.add(
                        "norm",
                        n,
                        x -> Norm.norm(x[0], 2, false, dimension),
                        x -> x[0].norm(new ScalarOptional(new Scalar(2)), over, false),
                        shape);
            }
        }
        parity.add("product", 13, x -> Product.product(x[0], false, 1), x -> x[0].prod(1), new long[] {5, 13, 3});
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> choices() {
        for (long[] shape : SHAPES) {
            for (int d = 0; d < 3; d++) {
                int dimension = d;
                parity.add(
                        "argmax",
                        1,
                        x -> x[0].argMax(dimension),
                        x -> x[0].argmax(new LongOptional(dimension), false),
                        shape);
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> scans() {
        for (long[] shape : SHAPES) {
            for (int d = 0; d < 3; d++) {
                int dimension = d;
                parity.add(
                        "cumsum",
                        shape[d],
                        x -> CumulativeSum.cumulativeSum(x[0], dimension),
                        x -> x[0].cumsum(dimension),
                        shape);
            }
        }
        parity.add("cumprod", 13, x -> CumulativeProduct.cumulativeProduct(x[0], 1), x -> x[0].cumprod(1), new long[] {
            5, 13, 3
        });
        return parity.tests();
    }
}
