package org.lehr.bench.parity;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.bench.TorchScan;
import org.lehr.engine.tensor.op.SelectiveScan;

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
}
