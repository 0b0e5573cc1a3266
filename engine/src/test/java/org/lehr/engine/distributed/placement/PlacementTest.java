package org.lehr.engine.distributed.placement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PlacementTest {

    @Property(tries = 1000)
    void aPlacementIsItsSetOfPairs(
            @ForAll @IntRange(min = 1, max = 12) int experts,
            @ForAll @IntRange(min = 1, max = 9) int ranks,
            @ForAll long seed) {
        Random random = new Random(seed);
        ExpertPlacement owners = RandomPlacements.owners(random, experts, ranks);
        ExpertPlacement copies = RandomPlacements.copies(random, owners);
        Set<List<Integer>> pairs = new HashSet<>();
        for (int expert = 0; expert < experts; expert++) {
            for (int rank = 0; rank < ranks; rank++) {
                if (copies.holds(rank, expert)) {
                    pairs.add(List.of(expert, rank));
                }
            }
        }
        assertEquals(pairs.size(), copies.size());
        assertEquals(pairs.size(), Arrays.stream(copies.sizes()).sum());
        for (int rank = 0; rank < ranks; rank++) {
            for (int expert : copies.expertsOn(rank)) {
                assertTrue(pairs.contains(List.of(expert, rank)));
            }
        }
        assertTrue(copies.includes(owners));
        assertEquals(copies, owners.union(copies));
        assertEquals(copies.isPartition(), copies.equals(owners));
        assertEquals(owners, ExpertPlacement.owned(ranks, owners.owners()));
        assertEquals(copies.hashCode(), copies.union(owners).hashCode());
    }

    @Property(tries = 1000)
    void volumesAreThoseOfTheDefinition(
            @ForAll @IntRange(min = 1, max = 12) int experts,
            @ForAll @IntRange(min = 1, max = 9) int ranks,
            @ForAll long seed) {
        Random random = new Random(seed);
        ExpertPlacement from = RandomPlacements.owners(random, experts, ranks);
        ExpertPlacement to = RandomPlacements.copies(random, from);
        SparseVolume volume = SparseVolume.of(from, to);
        assertEquals(to.size() - from.size(), volume.total());
        assertEquals(volume.total(), Arrays.stream(volume.received()).sum());
        Set<Integer> crossing = new HashSet<>();
        for (int rank = 0; rank < ranks; rank++) {
            for (int expert : to.expertsOn(rank)) {
                if (!from.holds(rank, expert)) {
                    crossing.add(expert);
                }
            }
        }
        assertEquals((double) crossing.size() / experts, volume.lambda());
        for (long received : volume.received()) {
            assertTrue(received <= volume.lambda() * experts + 1e-9);
        }
    }

    @Test
    void allOnAllRanksIsAWholeGather() {
        ExpertPlacement owners = ExpertPlacement.even(8, 4);
        assertArrayEquals(new int[] {0, 0, 1, 1, 2, 2, 3, 3}, owners.owners());
        SparseVolume volume = SparseVolume.of(owners, ExpertPlacement.everywhere(8, 4));
        assertEquals(1, volume.lambda());
        assertArrayEquals(new long[] {6, 6, 6, 6}, volume.received());
        assertEquals(0, SparseVolume.of(owners, owners).lambda());
    }

    @Test
    void badPlacementsAreNamed() {
        assertMessage("expert 1 is on no rank", () -> ExpertPlacement.of(2, new int[] {0}, new int[0]));
        assertMessage("expert 0 is on rank 2 of 2", () -> ExpertPlacement.owned(2, 2));
        assertMessage("expert 0 is twice on rank 1", () -> ExpertPlacement.of(2, new int[] {1, 1}));
        assertMessage("0 on 3 ranks", () -> ExpertPlacement.even(0, 3));
        ExpertPlacement both = ExpertPlacement.of(2, new int[] {0, 1});
        assertMessage("exactly one rank", () -> SparseVolume.of(both, both));
        assertMessage("must be part", () -> SparseVolume.of(ExpertPlacement.owned(2, 0), ExpertPlacement.owned(2, 1)));
        assertThrows(IllegalStateException.class, both::owners);
        assertFalse(both.includes(ExpertPlacement.owned(3, 0)));
    }

    private static void assertMessage(String part, Runnable work) {
        String message = assertThrows(IllegalArgumentException.class, work::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
