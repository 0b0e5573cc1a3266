package org.lehr.engine.distributed.sparse;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.autograd.Checkpointing;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.LoadPredictor;
import org.lehr.engine.distributed.placement.TopologyDispatch;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.moe.ExpertBank;
import org.lehr.engine.nn.moe.Experts;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Embedding;

/// Experts of which each rank owns some, with their optimizer state, and in every step borrows parameters of others
/// (fully sharded sparse data parallelism, Qing et al. 2025). A mixture over such a bank is made and called on all
/// ranks
/// alike, each with tokens of its own, and so is its backward pass, which leaves at each owner the sum of the gradients
/// from all ranks.
///
/// Parameters `w1 [o, hidden, n]`, `w2 [o, n, hidden]`, `w3 [o, hidden, n]` of the `o` experts that the rank owns.
///
/// Results are those of all experts on one rank that sees the tokens of rank 0, then those of rank 1, and so on, and
/// adds
/// gradients up. They are so bit for bit with [Form#exact], wherever experts are: an expert then works on the tokens
/// of each rank by themselves, and gradients are added in the order of the ranks that tokens are from. Without, what a
/// copy does for several ranks is one product, and sums have another order.
public final class ShardedExperts extends ExpertBank {

    /// Chooses where parameters are in a step.
    @FunctionalInterface
    public interface Planner {

        /// A placement that includes `owners`; the same on all ranks.
        ///
        /// @param loads what experts are expected to have to do, as shares
        ExpertPlacement plan(ExpertPlacement owners, double... loads);
    }

    /// How experts are spread.
    ///
    /// @param owners the rank of each expert
    /// @param dispatch which of several copies a token goes to
    /// @param planner where copies are
    /// @param predictor foretells loads
    /// @param exact whether sums have an order that does not depend on placements
    /// @param rematerialize whether parameters that were borrowed are given back after the forward pass and
    /// borrowed
    ///     again for the backward pass; the experts' work is done again then
    public record Form(
            ExpertPlacement owners,
            TopologyDispatch dispatch,
            Planner planner,
            LoadPredictor.Factory predictor,
            boolean exact,
            boolean rematerialize) {}

    private final SparseCollectives collectives;
    private final Form sharding;
    private final LoadPredictor predictor;
    private final Parameter up;
    private final Parameter down;
    private final Parameter linear;

    private ShardedExperts(
            SparseCollectives collectives,
            Form sharding,
            Experts.Form form,
            Initializer weight,
            Initializer output,
            RandomStream random) {
        super(form);
        this.collectives = collectives;
        this.sharding = sharding;
        predictor = sharding.predictor.of(sharding.owners.experts());
        int[] mine = sharding.owners.expertsOn(collectives.communicator().rank());
        up = parameter("w1", initial("w1", weight, random, mine));
        down = parameter("w2", initial("w2", output, random, mine));
        linear = form.gated() ? parameter("w3", initial("w3", weight, random, mine)) : null;
    }

    /// Makes the banks of a model.
    ///
    /// @param collectives counts what all of them send
    public static ExpertBank.Factory factory(SparseCollectives collectives, Form sharding) {
        return (count, form, weight, output, random) -> {
            if (sharding.owners.experts() != count) {
                throw new IllegalArgumentException("sharded experts: owners of " + sharding.owners.experts()
                        + " experts do not fit a mixture of " + count);
            }
            return new ShardedExperts(collectives, sharding, form, weight, output, random);
        };
    }

    @Override
    protected Tensor apply(Tensor rows, Tensor offsets) {
        ExpertPlacement placement = sharding.planner.plan(sharding.owners, predictor.predict());
        TokenPlan plan = new TokenPlan(placement, sharding.dispatch, sharding.exact, counts(offsets));
        if (isTraining()) {
            predictor.observe(loads(plan.counts()));
        }
        List<ExpertCopy> copies = plan.copies();
        TokenPlan.Rows moves = plan.rows(collectives.communicator().rank(), copies);
        Tensor sent = Embedding.embedding(rows, SparseCollectives.indices(moves.outgoing()));
        Tensor came = RowExchange.exchange(collectives.communicator(), sent, moves.sent(), moves.received());
        Tensor grouped = Embedding.embedding(came, SparseCollectives.indices(moves.grouped()));
        Tensor groups = Tensor.of(moves.offsets(), moves.offsets().length);
        Materialization borrow = new Materialization(collectives, sharding.owners, placement, copies);
        Tensor done = sharding.rematerialize
                ? Checkpointing.checkpoint(x -> work(x[0], groups, borrow), List.of(), grouped)
                : work(grouped, groups, borrow);
        Tensor back = Embedding.embedding(done, SparseCollectives.indices(inverse(moves.grouped())));
        Tensor home = RowExchange.exchange(collectives.communicator(), back, moves.received(), moves.sent());
        return Embedding.embedding(home, SparseCollectives.indices(inverse(moves.outgoing())));
    }

    private Tensor work(Tensor rows, Tensor groups, Materialization borrow) {
        return work(
                rows,
                groups,
                borrowed(up, borrow),
                borrowed(down, borrow),
                linear == null ? null : borrowed(linear, borrow));
    }

    private static Tensor borrowed(Parameter own, Materialization borrow) {
        Tensor value = own.value();
        Shape matrix = value.shape().slice(1, 3);
        Tensor flat = value.reshape(value.extent(0), matrix.size());
        return Tensor.apply(borrow, flat).reshape(-1, matrix.extent(0), matrix.extent(1));
    }

    /// How many tokens each rank has for each expert.
    private long[][] counts(Tensor offsets) {
        long[] begins = offsets.toLongArray();
        int experts = begins.length - 1;
        long[] mine = new long[experts];
        for (int expert = 0; expert < experts; expert++) {
            mine[expert] = begins[expert + 1] - begins[expert];
        }
        int ranks = collectives.communicator().size();
        Tensor all = Tensor.of(new long[ranks * experts], ranks, experts);
        collectives.communicator().allGather(all, Tensor.of(mine, 1, experts)).await();
        long[][] counts = new long[ranks][experts];
        long[] values = all.toLongArray();
        for (int rank = 0; rank < ranks; rank++) {
            System.arraycopy(values, rank * experts, counts[rank], 0, experts);
        }
        return counts;
    }

    private static double[] loads(long[]... counts) {
        double[] loads = new double[counts[0].length];
        for (long[] of : counts) {
            for (int expert = 0; expert < loads.length; expert++) {
                loads[expert] += of[expert];
            }
        }
        return loads;
    }

    private static List<Integer> inverse(List<Integer> order) {
        Integer[] inverse = new Integer[order.size()];
        for (int i = 0; i < inverse.length; i++) {
            inverse[order.get(i)] = i;
        }
        return new ArrayList<>(List.of(inverse));
    }
}
