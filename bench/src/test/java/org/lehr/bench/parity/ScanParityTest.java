package org.lehr.bench.parity;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.bench.TorchScan;
import org.lehr.engine.tensor.op.SelectiveScan;
import org.lehr.engine.tensor.op.StateSpaceDual;

/// Scans beside loops of libtorch.
@NeedsPeer
class ScanParityTest {

    private final Parity parity = new Parity();

    @TestFactory
    Stream<DynamicTest> selectiveScan() {
        for (TorchScan.Reading reading : TorchScan.Reading.values()) {
            parity.add(
                    "selective_scan, reading " + reading,
                    300,
                    x -> SelectiveScan.selectiveScan(
                            new SelectiveScan.Inputs(
                                    x[0], x[1], x[2].exp().neg(), x[3], x[4], x[5], x[6], null, null, null),
                            true),
                    x -> TorchScan.selective(x[0], x[1], x[2].exp().neg(), x[3], x[4], x[5], x[6], reading),
                    new long[] {2, 71, 37},
                    new long[] {2, 71, 37},
                    new long[] {37, 5},
                    new long[] {2, 71, 5},
                    new long[] {2, 71, 5},
                    new long[] {37},
                    new long[] {2, 71, 37});
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> stateSpaceDual() {
        stateSpaceDual("at once", TorchScan::dual);
        stateSpaceDual("in chunks", (x, a, b, c) -> TorchScan.chunkedDual(x, a, b, c, 24));
        return parity.tests();
    }

    /// The recurrence in libtorch.
    @FunctionalInterface
    private interface Dual {
        Tensor of(Tensor x, Tensor a, Tensor b, Tensor c);
    }

    private void stateSpaceDual(String name, Dual peer) {
        parity.add(
                "state_space_dual " + name,
                300,
                x -> StateSpaceDual.stateSpaceDual(
                        StateSpaceDual.Inputs.of(x[0], x[1].square().neg(), x[2], x[3]), 32),
                x -> peer.of(x[0], x[1].square().neg(), x[2], x[3]),
                new long[] {2, 72, 3, 17},
                new long[] {2, 72, 3},
                new long[] {2, 72, 3, 9},
                new long[] {2, 72, 3, 9});
    }
}
