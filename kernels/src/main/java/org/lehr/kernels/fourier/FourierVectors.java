package org.lehr.kernels.fourier;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.View;
import org.lehr.kernels.fourier.FourierLoops.Halves;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// [FourierKernel] in float32 on vectors, along the channels, two steps of halving at a time (radix 4). A row of
/// scratch
/// holds one time or frequency of all pairs of signals of a block.
final class FourierVectors implements FourierBlocks {

    private final int length;
    private final Twiddles table;

    FourierVectors(int length) {
        this.length = length;
        this.table = Twiddles.of(length);
    }

    @Override
    public void forward(View spectrum, View signal, long n, int from, int to) {
        try (Block block = new Block(from, to)) {
            block.forward(spectrum, signal, n);
        }
    }

    @Override
    public void inverse(View signal, View spectrum, long n, int from, int to) {
        try (Block block = new Block(from, to)) {
            block.inverse(signal, spectrum, n);
        }
    }

    /// Signals of channels `[from, to)`: the first half of them as real parts, and the rest as imaginary ones.
    private final class Block implements AutoCloseable {

        private final int from;

        /// Complex signals, and real ones that have a partner.
        private final int pairs;

        private final int partners;
        private final long row;
        private final long im;
        private final long first;
        private final long second;
        private final Storage storage;
        private final MemorySegment memory;

        Block(int from, int to) {
            this.from = from;
            pairs = (to - from + 1) / 2;
            partners = to - from - pairs;
            row = 4L * FourierLoops.padded(pairs);
            im = length * row;
            first = 2 * im;
            second = first + 2 * row;
            storage = Pool.host().allocate(second + 2 * row, "fourier transform");
            memory = storage.segment();
        }

        @Override
        public void close() {
            storage.release();
        }

        void forward(View spectrum, View signal, long n) {
            MemorySegment in = signal.storage().segment();
            long times = signal.shape()[1];
            long channels = signal.shape()[2];
            memory.asSlice(0, first).fill((byte) 0);
            for (int t = 0; t < times; t++) {
                long at = signal.byteOffset() + 4 * ((n * times + t) * channels + from);
                long place = FourierKernel.reversed(t, length) * row;
                MemorySegment.copy(in, at, memory, place, 4L * pairs);
                MemorySegment.copy(in, at + 4L * pairs, memory, im + place, 4L * partners);
            }
            butterflies(1);
            MemorySegment out = spectrum.storage().segment();
            for (int k = 0; k <= length / 2; k++) {
                Halves halves = new Halves(0, im, k * row, (length - k) % length * row);
                FourierLoops.split(memory, halves, row, first, second);
                long at = spectrum.byteOffset() + 8 * ((n * (length / 2 + 1) + k) * channels + from);
                MemorySegment.copy(memory, first, out, at, 8L * pairs);
                MemorySegment.copy(memory, second, out, at + 8L * pairs, 8L * partners);
            }
        }

        void inverse(View signal, View spectrum, long n) {
            MemorySegment in = spectrum.storage().segment();
            long times = signal.shape()[1];
            long channels = signal.shape()[2];
            memory.asSlice(first, 4 * row).fill((byte) 0);
            for (int k = 0; k <= length / 2; k++) {
                long at = spectrum.byteOffset() + 8 * ((n * (length / 2 + 1) + k) * channels + from);
                MemorySegment.copy(in, at, memory, first, 8L * pairs);
                MemorySegment.copy(in, at + 8L * pairs, memory, second, 8L * partners);
                long low = FourierKernel.reversed(k, length) * row;
                long high = FourierKernel.reversed((length - k) % length, length) * row;
                Halves halves = new Halves(0, im, low, high);
                FourierLoops.join(memory, halves, first, second, row, 1f / length, k % (length / 2) == 0);
            }
            butterflies(-1);
            MemorySegment out = signal.storage().segment();
            for (int t = 0; t < times; t++) {
                long at = signal.byteOffset() + 4 * ((n * times + t) * channels + from);
                MemorySegment.copy(memory, t * row, out, at, 4L * pairs);
                MemorySegment.copy(memory, im + t * row, out, at + 4L * pairs, 4L * partners);
            }
        }

        private void butterflies(float sign) {
            int half = 1;
            if (Integer.numberOfTrailingZeros(length) % 2 == 1) {
                FourierLoops.two(memory, 0, im, length, row);
                half = 2;
            }
            for (; half < length; half *= 4) {
                FourierLoops.four(memory, 0, im, half, row, table, sign);
            }
        }
    }
}
