package org.lehr.engine.schedule.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Join;
import org.lehr.engine.schedule.Profile;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.Shaped;

/// A trunk of stages, and branches that leave it at some step, each with stages of its own: one long stable training,
/// and a decay with its own mixture of data for each model that is wanted (Wang et al. 2025, OctoThinker; Hu et al.
/// 2024).
///
/// @param trunk at least one stage
/// @param branches by name
public record StagedPlan(List<Stage> trunk, SequencedMap<String, Branch> branches) {

    static final CodeEntry ENTRY = CodeEntry.of(
            "staged-plan", "stages with their data, and branches that decay from a trunk", StagedPlan.class);

    /// Where a branch leaves and what follows.
    ///
    /// @param from the step of the trunk at which it leaves; the checkpoint after so many steps is needed
    public record Branch(long from, List<Stage> stages) {

        public Branch {
            Require.count("branch", "from", from);
            stages = List.copyOf(stages);
            if (stages.isEmpty()) {
                throw new IllegalArgumentException("branch: expected at least one stage, got none");
            }
        }
    }

    public StagedPlan {
        trunk = List.copyOf(trunk);
        branches = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(branches));
        if (trunk.isEmpty()) {
            throw new IllegalArgumentException("plan: expected at least one stage of the trunk, got none");
        }
        long end = steps(trunk);
        branches.forEach((name, branch) ->
                Require.notAbove("plan: branch " + name, "from", branch.from, "the end of the trunk", end));
    }

    /// A trunk, and for each budget of steps a decay that ends with it.
    ///
    /// @param trunk the schedule of the trunk, the same whatever follows
    /// @param budgets steps of each whole training, rising
    /// @param share of its budget that a decay takes
    /// @param floor where decays end
    public static StagedPlan budgets(Schedule trunk, List<Long> budgets, double share, double floor, Profile shape) {
        Require.rising("plan", "budgets", budgets);
        Require.positive("plan", "share", share);
        Require.share("plan", "share", share);
        SequencedMap<String, Branch> branches = new LinkedHashMap<>();
        long longest = 1;
        for (long budget : budgets) {
            long decay = Math.max(1, Math.round(share * budget));
            long from = budget - decay;
            Schedule tail = new Shaped(trunk.at(from), floor, decay, shape);
            branches.put(Long.toString(budget), new Branch(from, List.of(new Stage("decay", decay, tail))));
            longest = Math.max(longest, from);
        }
        return new StagedPlan(List.of(new Stage("trunk", longest, trunk)), branches);
    }

    /// The stages of the trunk up to the branch, the last one cut where it leaves, and those of the branch.
    public List<Stage> stages(String branch) {
        Branch found = branch(branch);
        List<Stage> stages = new ArrayList<>();
        long begin = 0;
        for (Stage stage : trunk) {
            long steps = Math.min(stage.steps(), found.from - begin);
            if (steps > 0) {
                stages.add(new Stage(stage.name(), steps, stage.schedule(), stage.mixture()));
            }
            begin += stage.steps();
        }
        stages.addAll(found.stages);
        return stages;
    }

    /// The schedule of a whole training that ends with a branch.
    public Schedule schedule(String branch) {
        return joined(stages(branch));
    }

    /// The schedule of the trunk.
    public Schedule schedule() {
        return joined(trunk);
    }

    private static Schedule joined(List<Stage> stages) {
        List<Join.Part> parts = new ArrayList<>();
        long begin = 0;
        for (Stage stage : stages) {
            parts.add(new Join.Part(begin, stage.schedule()));
            begin += stage.steps();
        }
        return new Join(parts);
    }

    /// The stage that a step of a training belongs to; the last one after the end.
    public Stage stage(String branch, long step) {
        Require.step("plan", step);
        List<Stage> stages = stages(branch);
        long end = 0;
        for (Stage stage : stages) {
            end += stage.steps();
            if (step < end) {
                return stage;
            }
        }
        return stages.getLast();
    }

    /// The steps of the trunk after which a checkpoint is needed.
    public SortedSet<Long> forks() {
        SortedSet<Long> forks = new TreeSet<>();
        branches.values().forEach(branch -> forks.add(branch.from));
        return forks;
    }

    /// Steps of the training that a branch ends.
    public long steps(String branch) {
        return steps(stages(branch));
    }

    /// Steps of all trainings together, those of the trunk counted once.
    public long steps() {
        long sum = forks().isEmpty() ? steps(trunk) : forks().last();
        for (Branch branch : branches.values()) {
            sum += steps(branch.stages);
        }
        return sum;
    }

    private static long steps(List<Stage> stages) {
        return stages.stream().mapToLong(Stage::steps).sum();
    }

    private Branch branch(String name) {
        Branch branch = branches.get(name);
        if (branch == null) {
            throw new IllegalArgumentException("plan: unknown branch '" + name + "'; known are " + branches.keySet());
        }
        return branch;
    }
}
