package org.lehr.kernels.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

final class CoresTest {

    @Test
    void aThreadThatIsKeptOffACoreMovesToAnotherUntilItIsAllowedBack() {
        assumeTrue(Cores.thread() != 0 && Runtime.getRuntime().availableProcessors() > 1);
        int first = Cores.keepOff(Cores.thread());
        assertNotEquals(Cores.NONE, first);
        int second = Cores.keepOff(Cores.thread());
        Cores.allow(second);
        Cores.allow(first);
        assertNotEquals(first, second);
    }

    @Test
    void theLastCoreIsNotTakenAway() {
        assumeTrue(Cores.thread() != 0);
        int[] taken = new int[Runtime.getRuntime().availableProcessors()];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = Cores.keepOff(Cores.thread());
        }
        for (int core : taken) {
            Cores.allow(core);
        }
        assertEquals(Cores.NONE, taken[taken.length - 1]);
    }

    @Test
    void aThreadWithoutANumberIsLeftAlone() {
        assertEquals(Cores.NONE, Cores.keepOff(0));
    }
}
