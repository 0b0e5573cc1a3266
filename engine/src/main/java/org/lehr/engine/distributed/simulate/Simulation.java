package org.lehr.engine.distributed.simulate;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.Flow;
import org.lehr.engine.distributed.policy.LayerPlan;
import org.lehr.engine.distributed.policy.PlacementPolicy;

/// Training steps of a system on a cluster, reckoned and not done; its planners run for real.
///
/// In a layer, copies are brought under the attention before it, forward; their gradients go back under the attention
/// of the backward pass, which takes twice as long, and where copies were dropped they come again there. What does not
/// fit under it all wait for, as for what a policy brings after the gate and for optimizer state that moves. A step is
/// as long as its layers, one after the other, and the last map.
public record Simulation(Cluster cluster, Workload workload, Loads loads) {

    public Simulation {
        boolean fits = loads.ranks() == cluster.topology().ranks()
                && loads.experts() == workload.experts()
                && loads.layers() == workload.layers();
        if (!fits) {
            throw new IllegalArgumentException("simulation: loads of " + loads.ranks() + " ranks, " + loads.layers()
                    + " layers and " + loads.experts() + " experts do not fit a cluster of "
                    + cluster.topology().ranks() + " ranks and a workload of " + workload.layers() + " layers and "
                    + workload.experts() + " experts");
        }
    }

    /// How many experts a device can receive while a layer's attention hides it.
    public static int overlapDegree(Cluster cluster, Workload workload) {
        double seconds = workload.attentionFlops() / cluster.flops();
        return (int) (seconds * cluster.bottleneck().bytesPerSecond() / workload.expertBytes());
    }

    /// Processor time of this thread, which others that work on the same machine do not lengthen.
    public static double processorSeconds() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() * 1e-9;
    }

    /// Runs a system.
    ///
    /// @param steps that count
    /// @param warmup steps before them, in which the system only learns
    public Outcome run(PlacementPolicy policy, int warmup, int steps) {
        if (steps < 1 || warmup < 0) {
            throw new IllegalArgumentException(
                    "simulation: needs a step that counts, got " + steps + " after " + warmup);
        }
        Tally tally = new Tally();
        for (int step = 0; step < warmup + steps; step++) {
            if (step == warmup) {
                tally = new Tally();
            }
            step(policy, step, tally);
        }
        return tally.outcome(policy.name(), steps);
    }

    private void step(PlacementPolicy policy, int step, Tally tally) {
        int ranks = cluster.topology().ranks();
        double[] received = new double[ranks];
        double[] kept = new double[ranks];
        double[] dropped = new double[ranks];
        double[] owned = new double[ranks];
        double[][] sums = new double[workload.layers()][];
        for (int layer = 0; layer < sums.length; layer++) {
            LayerCosts costs = new LayerCosts(cluster, workload, loads.tokens(step, layer));
            sums[layer] = Loads.sums(costs.tokens());
            double began = processorSeconds();
            LayerPlan plan = policy.adjust(policy.plan(layer), sums[layer], costs);
            tally.planning += processorSeconds() - began;
            layer(policy, plan, costs, tally, received);
            hold(policy, plan, kept, dropped, owned);
        }
        tally.steps += 3 * workload.headFlops() / cluster.flops();
        tally.received += Arrays.stream(received).max().orElse(0);
        for (int rank = 0; rank < ranks; rank++) {
            tally.parameters = Math.max(tally.parameters, (kept[rank] + dropped[rank]) * workload.expertBytes());
            tally.states = Math.max(tally.states, owned[rank] * (workload.ownedBytes() - workload.expertBytes()));
        }
        double began = processorSeconds();
        policy.observe(sums);
        tally.planning += processorSeconds() - began;
    }

    private void layer(PlacementPolicy policy, LayerPlan plan, LayerCosts costs, Tally tally, double... received) {
        Flow flow = costs.flow(plan.used());
        double attention = workload.attentionFlops() / cluster.flops();
        double move = costs.transfer(plan.before(), plan.states(), workload.ownedBytes());
        double ahead = costs.transfer(plan.states(), plan.ahead(), workload.expertBytes());
        double late = costs.transfer(plan.ahead(), plan.used(), workload.expertBytes());
        double back = costs.transfer(plan.states(), plan.used(), workload.expertBytes());
        double again = policy.rematerializes() ? back : 0;
        double kept = sum(plan.states(), costs);
        double exposed =
                move + late + Math.max(0, ahead - attention) + Math.max(0, back + again + kept - 2 * attention);
        double mixture = exposed + 4 * costs.exchange(flow) + 3 * costs.compute(flow);
        tally.mixtures += mixture;
        tally.steps += mixture + 3 * attention;
        tally.copies += ahead + late + back + again + kept;
        tally.imbalance += flow.imbalance() / workload.layers();
        tally.worst = Math.max(tally.worst, flow.imbalance());
        tally.idle += flow.idle() / workload.layers();
        count(plan, flow, policy.rematerializes() ? 2 : 1, received);
    }

    /// Gradients of experts with several owners are added up: to the first of them, and from there to all.
    private double sum(ExpertPlacement states, LayerCosts costs) {
        if (states.isPartition()) {
            return 0;
        }
        int[] first = new int[states.experts()];
        Arrays.setAll(first, expert -> states.ranksOf(expert)[0]);
        ExpertPlacement firsts = ExpertPlacement.owned(states.ranks(), first);
        return costs.gather(firsts, states);
    }

    /// Tokens and their gradients, and experts that come; gradients of experts go where experts came from.
    private void count(LayerPlan plan, Flow flow, int times, double... received) {
        for (int rank = 0; rank < received.length; rank++) {
            double in = flow.receivedInside()[rank] + flow.receivedAcross()[rank];
            double out = flow.sentInside()[rank] + flow.sentAcross()[rank];
            received[rank] += 2 * (in + out) * workload.tokenBytes();
        }
        for (int expert = 0; expert < workload.experts(); expert++) {
            int[] owners = plan.states().ranksOf(expert);
            int[] holders = plan.used().ranksOf(expert);
            for (int rank : holders) {
                boolean comes = !plan.states().holds(rank, expert);
                received[rank] += comes ? times * workload.expertBytes() : 0;
                received[rank] += plan.before().holds(rank, expert) || comes ? 0 : workload.ownedBytes();
            }
            for (int rank : owners) {
                // A tree or ring brings each owner one sum, however many copies there are.
                received[rank] += holders.length > 1 ? workload.expertBytes() : 0;
            }
        }
    }

    /// Adds what a layer keeps on each rank, and what it holds only while it works.
    private static void hold(PlacementPolicy policy, LayerPlan plan, double[] kept, double[] dropped, double... owned) {
        int[] states = plan.states().sizes();
        int[] used = plan.used().sizes();
        for (int rank = 0; rank < kept.length; rank++) {
            owned[rank] += states[rank];
            kept[rank] += policy.rematerializes() ? states[rank] : used[rank];
            dropped[rank] = policy.rematerializes() ? Math.max(dropped[rank], used[rank] - states[rank]) : 0;
        }
    }

    /// Sums over steps.
    private static final class Tally {
        private double steps;
        private double mixtures;
        private double copies;
        private double imbalance;
        private double worst;
        private double idle;
        private double received;
        private double parameters;
        private double states;
        private double planning;

        Outcome outcome(String system, int count) {
            return new Outcome(
                    system,
                    steps / count,
                    mixtures / count,
                    copies / count,
                    imbalance / count,
                    worst,
                    idle / count,
                    received / count,
                    parameters,
                    states,
                    planning / count);
        }
    }
}
