package org.lehr.engine.data;

/// Scrambling of 64-bit numbers, for decisions that must come out the same everywhere.
final class Mix {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private Mix() {}

    /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection in which every input bit moves every
    /// output bit.
    static long of(long value) {
        long z = value + GOLDEN;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    static long of(long first, long second) {
        return of(of(first) ^ second);
    }

    /// FNV-1a over the characters of a name, finished with [#of(long)].
    static long of(String name) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * FNV_PRIME;
        }
        return of(hash);
    }
}
