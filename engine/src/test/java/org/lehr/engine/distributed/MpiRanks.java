package org.lehr.engine.distributed;

import java.time.Duration;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// What [MpiGroupTest] lets processes do: each prints one line.
final class MpiRanks {

    private MpiRanks() {}

    public static void main(String... args) {
        try {
            String line = MpiGroup.run(
                    Duration.ofMillis(Long.parseLong(args[1])), communicator -> line(args[0], communicator));
            System.out.println(line);
        } catch (CommunicationException e) {
            System.out.println("failed " + e.getMessage());
            System.exit(3);
        }
    }

    private static String line(String what, Communicator communicator) {
        switch (what) {
            case "contract" -> {
                double sums = CommunicatorContract.check(communicator);
                return "sums " + Long.toHexString(Double.doubleToLongBits(sums));
            }
            case "large" -> {
                Tensor x = Tensor.full(communicator.rank() + 1, Device.cpu(), DType.FLOAT32, 3_000_001);
                communicator.allReduce(x, Reduction.SUM).await();
                return "large " + x.min().item() + " " + x.max().item();
            }
            case "mismatch" ->
                communicator
                        .allReduce(Tensor.zeros(10 + communicator.rank()), Reduction.SUM)
                        .await();
            case "leave" -> {
                if (communicator.rank() == 0) {
                    communicator.barrier().await();
                }
            }
            case "late" -> {
                if (communicator.rank() == 0) {
                    communicator.barrier().await();
                } else {
                    while (true) {
                        Thread.onSpinWait();
                    }
                }
            }
            default -> throw new IllegalArgumentException(what);
        }
        return "done";
    }
}
