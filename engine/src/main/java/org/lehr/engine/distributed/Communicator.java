package org.lehr.engine.distributed;

import org.lehr.engine.distributed.telemetry.CollectiveTelemetry;
import org.lehr.engine.tensor.Tensor;

/// One rank's way to the others of its group, which are numbered from 0.
///
/// All ranks of a group call the same operations in the same order with the same sizes and dtypes; where they do not,
/// or a rank is gone, or one has not come within the group's patience, every operation fails with a
/// [CommunicationException] that names the ranks, the operation and the sizes, and so do all later ones.
///
/// Operations begin at once and go on beside the caller; [Pending#await] waits. Until then no tensor that was given may
/// be written or released, nor an output read. Operations of a communicator are done in the order in which they were
/// begun; only sends and receives may overtake them.
///
/// Tensors are contiguous and on the host. Sums are formed in the order of ranks, `((x0 + x1) + x2) + …`, in float32
/// for bfloat16, so that results have the same bits whatever the timing and the kind of communicator.
public interface Communicator extends AutoCloseable {

    /// The number of this rank.
    int rank();

    /// How many ranks there are.
    int size();

    /// What this rank notes of its collectives, together with those of its sub-groups.
    CollectiveTelemetry telemetry();

    /// Replaces `x [...]` on all ranks by that of `root`.
    Pending broadcast(Tensor x, int root);

    /// Replaces `x [...]` on all ranks by what `reduction` makes of all of them.
    Pending allReduce(Tensor x, Reduction reduction);

    /// Gives each rank its part of what `reduction` makes of all inputs.
    ///
    /// @param out `[n, ...]`
    /// @param in `[size · n, ...]`, of which rows `rank · n` and following are for `rank`
    Pending reduceScatter(Tensor out, Tensor in, Reduction reduction);

    /// Gives all ranks the inputs of all, one behind the other.
    ///
    /// @param out `[size · n, ...]`
    /// @param in `[n, ...]`
    Pending allGather(Tensor out, Tensor in);

    /// Gives each rank its rows of the inputs of all.
    ///
    /// @param out `[Σ received, ...]`, the rows of rank 0 first
    /// @param received how many rows come from each rank
    /// @param in `[Σ sent, ...]`, the rows for rank 0 first
    /// @param sent how many rows go to each rank
    Pending allToAll(Tensor out, long[] received, Tensor in, long[] sent);

    /// Gives `root` the inputs of all, one behind the other.
    ///
    /// @param out `[size · n, ...]` on `root`, else not looked at and may be null
    /// @param in `[n, ...]`
    Pending gather(Tensor out, Tensor in, int root);

    /// Gives each rank its part of the input of `root`.
    ///
    /// @param out `[n, ...]`
    /// @param in `[size · n, ...]` on `root`, else not looked at and may be null
    Pending scatter(Tensor out, Tensor in, int root);

    /// Sends `x [...]` to another rank, which receives it. What one rank sends to another arrives in order.
    Pending send(Tensor x, int to);

    /// Fills `x [...]` with what `from` sends.
    Pending receive(Tensor x, int from);

    /// Is done when all ranks have called it.
    Pending barrier();

    /// A group of those ranks that give the same colour, in the order of `key` and, where keys are equal, of their
    /// ranks here. All ranks call it; it waits for them.
    Communicator split(int colour, int key);

    /// Waits for what was begun, and leaves: others that still wait for this rank fail. Closing again has no
    /// effect.
    @Override
    void close();
}
