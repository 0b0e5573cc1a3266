package org.lehr.bench.rows;

import java.util.stream.Stream;
import org.lehr.bench.Cost;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.bench.TorchScan;
import org.lehr.engine.tensor.op.SelectiveScan;

/// The selective scan alone, forward and backward, at lengths that should take time in proportion.
public final class ScanRows implements Rows {

    private static final long CHANNELS = 128;
    private static final long STATES = 16;

    @Override
    public Stream<Row> rows() {
        return Stream.of(scan(1024), scan(4096));
    }

    /// Forward, five operations and an exponential for each number of a state; twice that backward.
    private static Row scan(long times) {
        return Operation.both(
                        "selective-scan/1x" + times + "x" + CHANNELS + "/" + STATES,
                        Cost.operations(18.0 * times * CHANNELS * STATES),
                        x -> SelectiveScan.selectiveScan(
                                new SelectiveScan.Inputs(
                                        x[0], x[1], x[2].exp().neg(), x[3], x[4], x[5], x[6], null, null, null),
                                true),
                        x -> TorchScan.selective(
                                x[0], x[1], x[2].exp().neg(), x[3], x[4], x[5], x[6], TorchScan.Reading.EACH),
                        new long[] {1, times, CHANNELS},
                        new long[] {1, times, CHANNELS},
                        new long[] {CHANNELS, STATES},
                        new long[] {1, times, STATES},
                        new long[] {1, times, STATES},
                        new long[] {CHANNELS},
                        new long[] {1, times, CHANNELS})
                .withSum(times);
    }
}
