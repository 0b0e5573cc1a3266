package org.lehr.bench.parity;

import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.tensor.op.Linear;

/// Products of matrices beside libtorch's.
@NeedsPeer
class MatrixParityTest {

    private final Parity parity = new Parity();

    @TestFactory
    Stream<DynamicTest> products() {
        product(new long[] {17, 31}, new long[] {31, 13});
        product(new long[] {1, 1}, new long[] {1, 1});
        product(new long[] {67, 129}, new long[] {129, 83});
        product(new long[] {0, 5}, new long[] {5, 3});
        product(new long[] {4, 0}, new long[] {0, 3});
        product(new long[] {3, 7, 5}, new long[] {3, 5, 11});
        product(new long[] {2, 3, 7, 5}, new long[] {5, 11});
        product(new long[] {2, 1, 7, 5}, new long[] {3, 5, 11});
        product(new long[] {5}, new long[] {5, 11});
        product(new long[] {7, 5}, new long[] {5});
        product(new long[] {19}, new long[] {19});
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> linear() {
        parity.add(
                "linear",
                59,
                x -> Linear.linear(x[0], x[1], x[2]),
                x -> torch.linear(x[0], x[1], new TensorOptional(x[2])),
                new long[] {5, 11, 37},
                new long[] {59, 37},
                new long[] {59});
        parity.add(
                "linear without bias",
                41,
                x -> Linear.linear(x[0], x[1], null),
                x -> torch.linear(x[0], x[1]),
                new long[] {23, 37},
                new long[] {41, 37});
        return parity.tests();
    }

    private void product(long[] left, long[] right) {
        parity.add("matmul", 129, x -> x[0].matmul(x[1]), x -> x[0].matmul(x[1]), left, right);
    }
}
