package org.lehr.engine.data;

import java.util.Objects;

/// A permutation of `0, 1, ..., size − 1` chosen by a key, computed place by place: it needs no memory.
///
/// A Feistel network on the smallest even number of bits that covers `size`; what falls outside goes through it again
/// until it falls inside (Black, Rogaway 2002). At most four rounds of that are expected, whatever the size.
final class Permutation {
    private static final int ROUNDS = 6;

    private final long size;
    private final int halfBits;
    private final long[] keys = new long[ROUNDS];

    Permutation(long size, long key) {
        if (size <= 0) {
            throw new IllegalArgumentException("permutation: size must be positive, got " + size);
        }
        this.size = size;
        this.halfBits = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(size - 1) + 1) / 2);
        for (int round = 0; round < ROUNDS; round++) {
            keys[round] = Mix.of(key, round);
        }
    }

    /// Where `index` goes.
    ///
    /// @throws IndexOutOfBoundsException outside `[0, size)`
    long at(long index) {
        long place = Objects.checkIndex(index, size);
        do {
            place = scramble(place);
        } while (place >= size);
        return place;
    }

    private long scramble(long value) {
        long mask = (1L << halfBits) - 1;
        long left = value >>> halfBits;
        long right = value & mask;
        for (long key : keys) {
            long next = left ^ Mix.of(right ^ key) & mask;
            left = right;
            right = next;
        }
        return left << halfBits | right;
    }
}
