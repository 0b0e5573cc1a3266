package org.lehr.engine.distributed.placement;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;

/// Copies and shares of tokens that level the ranks' work: how much of each expert's load every rank takes, where a
/// rank
/// may take parts of at most so many experts of others.
///
/// Where [SparseMaterialization] gives slots in proportion to loads and shares tokens out evenly, this finds, by
/// bisection, the least height to which a simple rule can level: each rank above it gives away parts of its largest
/// experts; the largest such part goes to the rank with the most room, as far as it fits, and so on. Parts of one
/// expert may go to several ranks. With three slots and two experts for each rank it comes within 2 % of the bound by
/// linear programming; with fewer slots than parts, that bound, which lets a rank hold a piece of a slot, is out of
/// reach.
///
/// @param slots experts of others that a rank can take parts of, at least 0
public record SlotAssignment(int slots) {

    private static final int BISECTIONS = 24;

    public SlotAssignment {
        if (slots < 0) {
            throw new IllegalArgumentException("slot assignment: slots must not be negative, got " + slots);
        }
    }

    /// Who takes what.
    ///
    /// @param placement owners, and ranks that take a part
    /// @param height the load of the most loaded rank
    /// @param shares the load that each rank takes of each expert, `[experts][ranks]`
    public record Assigned(ExpertPlacement placement, double height, double[]... shares) {}

    /// The levelled assignment.
    ///
    /// @param owners a partition
    /// @param loads of each expert
    public Assigned plan(ExpertPlacement owners, double... loads) {
        Experts.requireLoads("slot assignment", owners.experts(), loads);
        double[] of = new double[owners.ranks()];
        int[] ownerOf = owners.owners();
        for (int expert = 0; expert < loads.length; expert++) {
            of[ownerOf[expert]] += loads[expert];
        }
        double low = Arrays.stream(of).average().orElseThrow();
        double high = Arrays.stream(of).max().orElseThrow();
        Moves best = new Moves(loads.length);
        for (int i = 0; i < BISECTIONS && slots > 0 && low < high; i++) {
            double height = i == 0 ? low : (low + high) / 2;
            Moves moves = level(height, ownerOf, of, loads);
            if (moves == null) {
                low = height;
            } else {
                high = height;
                best = moves;
            }
        }
        return assigned(owners, ownerOf, best, loads);
    }

    /// Parts of experts that go to other ranks, in the order in which they were decided.
    private static final class Moves {
        private int[] experts;
        private int[] ranks;
        private double[] loads;
        private int count;

        Moves(int capacity) {
            experts = new int[capacity];
            ranks = new int[capacity];
            loads = new double[capacity];
        }

        void add(int expert, int rank, double load) {
            if (count == experts.length) {
                experts = Arrays.copyOf(experts, 2 * count);
                ranks = Arrays.copyOf(ranks, 2 * count);
                loads = Arrays.copyOf(loads, 2 * count);
            }
            experts[count] = expert;
            ranks[count] = rank;
            loads[count] = load;
            count++;
        }
    }

    /// What is left of a part to be given away, or of the room of a rank.
    private record Rest(int of, double load) {}

    /// The largest first, equal ones by number.
    private static final Comparator<Rest> LARGEST =
            Comparator.comparingDouble((Rest rest) -> -rest.load).thenComparingInt(Rest::of);

    /// How no rank comes to stand above `height`; null where the rule finds no way.
    private Moves level(double height, int[] ownerOf, double[] of, double... loads) {
        PriorityQueue<Rest> parts = parts(height, ownerOf, of, loads);
        PriorityQueue<Rest> rooms = new PriorityQueue<>(LARGEST);
        int[] taken = new int[of.length];
        for (int rank = 0; rank < of.length; rank++) {
            if (of[rank] < height) {
                rooms.add(new Rest(rank, height - of[rank]));
            }
        }
        Moves moves = new Moves(2 * loads.length);
        double negligible = 1e-12 * height;
        while (!parts.isEmpty()) {
            Rest part = parts.poll();
            if (rooms.isEmpty()) {
                return part.load <= negligible ? moves : null;
            }
            Rest room = rooms.poll();
            double load = Math.min(part.load, room.load);
            moves.add(part.of, room.of, load);
            taken[room.of]++;
            if (part.load > load) {
                parts.add(new Rest(part.of, part.load - load));
            }
            if (room.load > load && taken[room.of] < slots) {
                rooms.add(new Rest(room.of, room.load - load));
            }
        }
        return moves;
    }

    /// What ranks above `height` give away, their largest experts first, so that few parts come of it.
    private static PriorityQueue<Rest> parts(double height, int[] ownerOf, double[] of, double... loads) {
        double[] above = new double[of.length];
        for (int rank = 0; rank < of.length; rank++) {
            above[rank] = Math.max(0, of[rank] - height);
        }
        PriorityQueue<Rest> parts = new PriorityQueue<>(LARGEST);
        for (int expert : Experts.byLoad("slot assignment", loads.length, loads)) {
            double part = Math.min(above[ownerOf[expert]], loads[expert]);
            if (part > 0) {
                parts.add(new Rest(expert, part));
                above[ownerOf[expert]] -= part;
            }
        }
        return parts;
    }

    private static Assigned assigned(ExpertPlacement owners, int[] ownerOf, Moves moves, double... loads) {
        double[][] shares = new double[loads.length][owners.ranks()];
        Additions additions = new Additions(owners);
        for (int expert = 0; expert < loads.length; expert++) {
            shares[expert][ownerOf[expert]] = loads[expert];
        }
        for (int i = 0; i < moves.count; i++) {
            additions.add(moves.experts[i], moves.ranks[i]);
            shares[moves.experts[i]][moves.ranks[i]] += moves.loads[i];
            shares[moves.experts[i]][ownerOf[moves.experts[i]]] -= moves.loads[i];
        }
        double[] of = new double[owners.ranks()];
        for (double[] expert : shares) {
            for (int rank = 0; rank < of.length; rank++) {
                of[rank] += expert[rank];
            }
        }
        return new Assigned(additions.placement(), Arrays.stream(of).max().orElseThrow(), shares);
    }
}
