package org.lehr.engine.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PermutationTest {

    @Property(tries = 200)
    void reachesEveryPlaceOnce(@ForAll @IntRange(min = 1, max = 3000) int size, @ForAll long key) {
        Permutation permutation = new Permutation(size, key);
        boolean[] seen = new boolean[size];
        for (int i = 0; i < size; i++) {
            int place = (int) permutation.at(i);
            assertFalse(seen[place], "place " + place + " twice");
            seen[place] = true;
        }
    }

    @Test
    void differsBetweenKeys() {
        long[] first = LongStream.range(0, 100).map(new Permutation(100, 1)::at).toArray();
        long[] second =
                LongStream.range(0, 100).map(new Permutation(100, 2)::at).toArray();
        long same = LongStream.range(0, 100)
                .filter(i -> first[(int) i] == second[(int) i])
                .count();
        assertTrue(same < 10, same + " of 100 places agree");
    }

    @Test
    void shufflesThoroughly() {
        int size = 10_007;
        Permutation permutation = new Permutation(size, 42);
        double together = 0;
        for (int i = 0; i < size; i++) {
            together += (double) i * permutation.at(i);
        }
        double mean = (size - 1) / 2.0;
        double variance = (size * (double) size - 1) / 12;
        double correlation = (together / size - mean * mean) / variance;
        assertEquals(0, correlation, 4 / Math.sqrt(size));
    }

    @Test
    void coversSizesBeyondTheIntegers() {
        long size = (1L << 40) + 7;
        Permutation permutation = new Permutation(size, 5);
        for (long i = size - 100; i < size; i++) {
            long place = permutation.at(i);
            assertTrue(place >= 0 && place < size);
            assertNotEquals(place, permutation.at(i - 1));
        }
    }

    @Test
    void refusesWhatIsOutside() {
        assertThrows(IllegalArgumentException.class, () -> new Permutation(0, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> new Permutation(3, 1).at(3));
    }
}
