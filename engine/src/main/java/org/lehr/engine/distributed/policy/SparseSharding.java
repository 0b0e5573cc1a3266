package org.lehr.engine.distributed.policy;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.lehr.engine.distributed.placement.Calibration;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.HeterogeneousSharding;
import org.lehr.engine.distributed.placement.LoadPredictor;
import org.lehr.engine.distributed.placement.SparseMaterialization;
import org.lehr.engine.distributed.placement.SparseVolume;
import org.lehr.engine.distributed.placement.Topology;
import org.lehr.engine.distributed.placement.WindowMean;

/// Fully sharded sparse data parallelism (Qing et al. 2025, Hecate): every expert has one owner with its optimizer
/// state, and every step brings parameters of experts that will have much to do to other ranks.
public final class SparseSharding implements PlacementPolicy {

    /// What the system does.
    ///
    /// @param overlap experts that a rank can receive while other work hides it, `t`
    /// @param memory experts that a rank has memory for beside its own, `m`
    /// @param calibration experts that a second round brings at most; 0 for none
    /// @param reshardEvery steps after which owners are chosen anew; 0 for equal shards that stay
    /// @param rematerialize whether copies are dropped after the forward pass
    /// @param predictor foretells loads
    public record Form(
            int overlap,
            int memory,
            int calibration,
            int reshardEvery,
            boolean rematerialize,
            LoadPredictor.Factory predictor) {

        public Form {
            if (overlap < 0 || memory < 0 || calibration < 0 || reshardEvery < 0) {
                throw new IllegalArgumentException("sparse sharding: numbers must not be negative, got overlap "
                        + overlap + ", memory " + memory + ", calibration " + calibration + " and re-sharding after "
                        + reshardEvery);
            }
        }

        /// As in the paper: owners chosen anew after 100 steps, forecasts by the mean of 5, no second round.
        public static Form of(int overlap, int memory) {
            return new Form(overlap, memory, 0, 100, false, experts -> new WindowMean(experts, WindowMean.USUAL));
        }

        public Form withCalibration(int experts) {
            return new Form(overlap, memory, experts, reshardEvery, rematerialize, predictor);
        }

        public Form withReshardEvery(int steps) {
            return new Form(overlap, memory, calibration, steps, rematerialize, predictor);
        }

        public Form withRematerialization() {
            return new Form(overlap, memory, calibration, reshardEvery, true, predictor);
        }

        public Form withPredictor(LoadPredictor.Factory other) {
            return new Form(overlap, memory, calibration, reshardEvery, rematerialize, other);
        }
    }

    private final Form form;
    private final Topology topology;
    private final LoadPredictor[] predictors;
    private List<ExpertPlacement> owners;
    private List<ExpertPlacement> before;
    private long steps;

    public SparseSharding(int layers, int experts, Topology topology, Form form) {
        this.form = form;
        this.topology = topology;
        predictors = new LoadPredictor[layers];
        Arrays.setAll(predictors, _ -> form.predictor.of(experts));
        owners = Collections.nCopies(layers, ExpertPlacement.even(experts, topology.ranks()));
        before = owners;
    }

    @Override
    public String name() {
        return form.rematerialize ? "sparse sharding, re-materialised" : "sparse sharding";
    }

    @Override
    public LayerPlan plan(int layer) {
        ExpertPlacement own = owners.get(layer);
        ExpertPlacement copies =
                new SparseMaterialization(form.overlap, form.memory).plan(own, predictors[layer].predict(), topology);
        return new LayerPlan(before.get(layer), own, copies, copies);
    }

    @Override
    public LayerPlan adjust(LayerPlan plan, double[] loads, Calibration.Cost cost) {
        if (form.calibration == 0) {
            return plan;
        }
        long most = Arrays.stream(SparseVolume.of(plan.states(), plan.ahead()).received())
                .max()
                .orElse(0);
        int free = (int) Math.max(0, form.memory - most);
        return new Calibration(form.calibration)
                .improve(plan.ahead(), free, loads, topology, cost)
                .map(plan::using)
                .orElse(plan);
    }

    /// The first owners are the same number of neighbouring experts each; the first forecast chooses others after
    /// one
    /// step.
    @Override
    public void observe(double[]... loads) {
        for (int layer = 0; layer < predictors.length; layer++) {
            predictors[layer].observe(loads[layer]);
        }
        before = owners;
        if (form.reshardEvery > 0 && steps % form.reshardEvery == 0) {
            double[][] expected =
                    Arrays.stream(predictors).map(LoadPredictor::predict).toArray(double[][]::new);
            owners = new HeterogeneousSharding(form.overlap).plan(expected, topology);
        }
        steps++;
    }

    @Override
    public boolean rematerializes() {
        return form.rematerialize;
    }
}
