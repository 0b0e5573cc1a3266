package org.lehr.engine.nn.exit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.IndexSelect;

/// A backbone in stages with an answer after each, and gates that say where a row is answered (JEI-DNN; Chataoui,
/// Coates
/// 2024). Row `i` leaves at stage `l` with probability `P_l = g_l·Π_{k<l}(1 − g_k)`, at the last with what is left.
/// [ExitLosses] trains answers and gates together. Names: `stages.I`, `heads.I`, `gates.I`.
public final class EarlyExitNetwork extends Module {

    private final List<Layer> stages;
    private final List<Layer> heads;
    private final List<ExitGate> gates;

    /// @param stages each maps what the one before gave
    /// @param heads for each stage, from what it gives to logits `[b, classes]`
    public EarlyExitNetwork(List<? extends Layer> stages, List<? extends Layer> heads, RandomStream random) {
        if (stages.isEmpty() || stages.size() != heads.size()) {
            throw new IllegalArgumentException("early exits: needs stages and a head for each, got " + stages.size()
                    + " stages and " + heads.size() + " heads");
        }
        this.stages = children("stages", List.<Layer>copyOf(stages));
        this.heads = children("heads", List.<Layer>copyOf(heads));
        gates = children(
                "gates",
                IntStream.range(0, stages.size() - 1)
                        .mapToObj(i -> new ExitGate(random.split("gates").split(i)))
                        .toList());
    }

    /// What all stages say.
    ///
    /// @param logits of each stage, `[b, classes]`
    /// @param gates of each stage but the last, `[b]`
    public record Answers(List<Tensor> logits, List<Tensor> gates) {

        /// How likely each row is to leave at each stage. `→ [b, stages]`, with sums of one
        public Tensor exits() {
            Tensor staying = null;
            List<Tensor> exits = new ArrayList<>();
            for (Tensor gate : gates) {
                exits.add(staying == null ? gate : staying.mul(gate));
                Tensor stays = gate.neg().add(1);
                staying = staying == null ? stays : staying.mul(stays);
            }
            exits.add(staying == null ? ones(logits.getFirst()) : staying);
            return Concat.stack(1, exits.toArray(Tensor[]::new));
        }

        private static Tensor ones(Tensor logits) {
            return Tensor.full(1, logits.device(), logits.dtype(), logits.extent(0));
        }
    }

    /// Runs all stages for all rows, as training needs it.
    public Answers answers(Tensor x) {
        List<Tensor> logits = new ArrayList<>();
        List<Tensor> probabilities = new ArrayList<>();
        Tensor y = x;
        for (int i = 0; i < stages.size(); i++) {
            y = stages.get(i).apply(y);
            logits.add(heads.get(i).apply(y));
            if (i < gates.size()) {
                probabilities.add(gates.get(i).apply(logits.getLast()));
            }
        }
        return new Answers(logits, probabilities);
    }

    /// Rows leave where they are more likely than not to leave.
    public ExitRule learnedRule() {
        return (stage, logits) ->
                ExitRule.reached(gates.get(stage).apply(logits).toDoubleArray(), 0.5);
    }

    /// What came out of a run in which rows left early.
    ///
    /// @param logits of each row, where it left: `[b, classes]`
    /// @param stages where each row left, counted from 0
    public record Decisions(Tensor logits, int[] stages) {

        /// What the rows cost on average.
        ///
        /// @param costs of going as far as each stage, such as multiplications
        public double meanCost(double... costs) {
            return Arrays.stream(stages)
                    .mapToDouble(stage -> costs[stage])
                    .average()
                    .orElse(0);
        }
    }

    /// Answers every row where `rule` lets it leave. Later stages see only the rows that are left. No gradients
    /// flow.
    public Decisions decide(Tensor x, ExitRule rule) {
        return Recording.off(() -> {
            int rows = Math.toIntExact(x.extent(0));
            int[] left = IntStream.range(0, rows).toArray();
            int[] exits = new int[rows];
            Tensor[] answers = new Tensor[rows];
            Tensor y = x;
            for (int stage = 0; stage < stages.size() && left.length > 0; stage++) {
                y = stages.get(stage).apply(y);
                Tensor logits = heads.get(stage).apply(y);
                boolean[] leaves = leaving(stage, logits, left.length, rule);
                for (int i = 0; i < left.length; i++) {
                    if (leaves[i]) {
                        exits[left[i]] = stage;
                        answers[left[i]] = logits.slice(0, i, i + 1);
                    }
                }
                int[] staying =
                        IntStream.range(0, left.length).filter(i -> !leaves[i]).toArray();
                if (staying.length < left.length && staying.length > 0) {
                    y = IndexSelect.indexSelect(y, 0, Tensor.of(staying, staying.length));
                }
                int[] before = left;
                left = IntStream.of(staying).map(i -> before[i]).toArray();
            }
            return new Decisions(
                    rows == 0 ? heads.getFirst().apply(stages.getFirst().apply(x)) : Concat.concat(0, answers), exits);
        });
    }

    private boolean[] leaving(int stage, Tensor logits, int rows, ExitRule rule) {
        if (stage < stages.size() - 1) {
            return rule.leaves(stage, logits);
        }
        boolean[] all = new boolean[rows];
        Arrays.fill(all, true);
        return all;
    }

    /// The gates, in the order of the stages.
    public List<ExitGate> gates() {
        return gates;
    }
}
