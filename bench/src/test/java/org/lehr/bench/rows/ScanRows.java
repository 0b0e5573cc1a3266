package org.lehr.bench.rows;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.lehr.bench.Cost;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.bench.TorchScan;
import org.lehr.engine.tensor.op.SelectiveScan;
import org.lehr.engine.tensor.op.StateSpaceDual;

/// The selective scan and the state-space dual alone, forward and backward, at lengths that should take time in
/// proportion.
public final class ScanRows implements Rows {

    private static final long CHANNELS = 128;
    private static final long STATES = 16;

    @Override
    public Stream<Row> rows() {
        return Stream.of(scan(1024), scan(4096), dual(1024), dual(4096));
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

    /// Forward, five operations for each number of a state; twice that backward. libtorch's is written in chunks.
    private static Row dual(long times) {
        long heads = 8;
        long width = 64;
        return Operation.both(
                        "state-space-dual/1x" + times + "x" + heads + "x" + width + "/" + width,
                        Cost.operations(15.0 * times * heads * width * width),
                        x -> StateSpaceDual.stateSpaceDual(
                                StateSpaceDual.Inputs.of(x[0], x[1].square().mul(-0.05), x[2], x[3]),
                                StateSpaceDual.CHUNK),
                        x -> TorchScan.chunkedDual(
                                x[0], x[1].square().mul(new Scalar(-0.05)), x[2], x[3], StateSpaceDual.CHUNK),
                        new long[] {1, times, heads, width},
                        new long[] {1, times, heads},
                        new long[] {1, times, 1, width},
                        new long[] {1, times, 1, width})
                .withSum(times * width);
    }
}
