package org.lehr.kernels.update;

import java.util.Arrays;
import org.lehr.kernels.parallel.Workers;

/// Many arrays of any lengths, cut into chunks of one size and shared out together, so that a hundred small
/// arrays and one large one make one piece of work.
final class Chunks {

    /// Elements of a chunk: with four arrays in float32, half of a usual second-level cache.
    static final long ELEMENTS = 1 << 15;

    private final long[] sizes;
    private final long[] starts;

    /// Arrays of these lengths.
    Chunks(long... sizes) {
        this.sizes = sizes;
        this.starts = new long[sizes.length + 1];
        for (int a = 0; a < sizes.length; a++) {
            starts[a + 1] = starts[a] + (sizes[a] + ELEMENTS - 1) / ELEMENTS;
        }
    }

    /// Work on elements `[from, to)` of one array.
    @FunctionalInterface
    interface ChunkTask {
        void run(int array, long from, long to);
    }

    /// Runs `task` on every chunk.
    void forEach(ChunkTask task) {
        Workers.current().forRange(starts[sizes.length], 1, (first, last) -> {
            for (long chunk = first; chunk < last; chunk++) {
                int array = arrayOf(chunk);
                long from = (chunk - starts[array]) * ELEMENTS;
                task.run(array, from, Math.min(from + ELEMENTS, sizes[array]));
            }
        });
    }

    /// The last array that begins at or before this chunk; empty ones before it begin at the same place.
    private int arrayOf(long chunk) {
        int found = Arrays.binarySearch(starts, chunk);
        int array = found >= 0 ? found : -found - 2;
        while (starts[array + 1] <= chunk) {
            array++;
        }
        return array;
    }
}
