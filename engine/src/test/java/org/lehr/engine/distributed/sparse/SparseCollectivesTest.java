package org.lehr.engine.distributed.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.lehr.engine.distributed.LocalGroup;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.RandomPlacements;
import org.lehr.engine.distributed.placement.SparseVolume;
import org.lehr.engine.tensor.Tensor;

class SparseCollectivesTest {

    private static final int WIDTH = 3;

    /// The chunk of an expert, and that of the gradient of its copy on a rank.
    private static float value(int expert, int rank, int column) {
        return (float) Math.sin(1 + expert * 7.3 + rank * 1.9 + column * 0.7);
    }

    private static Tensor table(int[] experts, int rank) {
        float[] values = new float[experts.length * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(experts[i / WIDTH], rank, i % WIDTH);
        }
        return Tensor.of(values, experts.length, WIDTH);
    }

    @Property(tries = 1000)
    void collectivesDoWhatTheyAreDefinedToDo(
            @ForAll @IntRange(min = 1, max = 9) int experts,
            @ForAll @IntRange(min = 1, max = 6) int ranks,
            @ForAll long seed) {
        Random random = new Random(seed);
        ExpertPlacement owners = RandomPlacements.owners(random, experts, ranks);
        ExpertPlacement copies = RandomPlacements.copies(random, owners);
        SparseVolume volume = SparseVolume.of(owners, copies);
        LocalGroup.of(ranks).run(communicator -> {
            int me = communicator.rank();
            SparseCollectives collectives = new SparseCollectives(communicator);
            Tensor held = collectives.sparseAllGather(owners, copies, table(owners.expertsOn(me), -1));
            assertArrayEquals(table(copies.expertsOn(me), -1).toFloatArray(), held.toFloatArray());
            long rowBytes = WIDTH * Float.BYTES;
            assertEquals(volume.sent()[me] * rowBytes, collectives.sentBytes());
            assertEquals(volume.received()[me] * rowBytes, collectives.receivedBytes());

            SparseCollectives back = new SparseCollectives(communicator);
            Tensor sums = back.sparseReduceScatter(copies, owners, table(copies.expertsOn(me), me));
            assertArrayEquals(sums(owners.expertsOn(me), copies), sums.toFloatArray());
            assertEquals(volume.received()[me] * rowBytes, back.sentBytes());
            assertEquals(volume.sent()[me] * rowBytes, back.receivedBytes());
            return null;
        });
    }

    /// In float32 and in the order of ranks.
    private static float[] sums(int[] experts, ExpertPlacement copies) {
        float[] sums = new float[experts.length * WIDTH];
        for (int i = 0; i < sums.length; i++) {
            for (int rank : copies.ranksOf(experts[i / WIDTH])) {
                sums[i] += value(experts[i / WIDTH], rank, i % WIDTH);
            }
        }
        return sums;
    }

    @Test
    void misuseIsNamed() {
        ExpertPlacement even = ExpertPlacement.even(4, 2);
        ExpertPlacement all = ExpertPlacement.everywhere(4, 2);
        LocalGroup.of(2).run(communicator -> {
            SparseCollectives collectives = new SparseCollectives(communicator);
            assertMessage("exactly one rank", () -> collectives.sparseAllGather(all, all, Tensor.zeros(4, 1)));
            assertMessage("has 2 chunks", () -> collectives.sparseAllGather(even, all, Tensor.zeros(3, 1)));
            ExpertPlacement other = ExpertPlacement.even(4, 3);
            assertMessage("3 ranks", () -> collectives.sparseReduceScatter(other, other, Tensor.zeros(1, 1)));
            return null;
        });
    }

    private static void assertMessage(String part, Runnable work) {
        String message = assertThrows(RuntimeException.class, work::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
