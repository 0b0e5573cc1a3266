package org.lehr.kernels.random;

import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.Species;

/// Philox 4x32-10: a bijection of 128-bit counters chosen by a 64-bit key, ten rounds of multiply and exchange.
///
/// `(c₀, c₁, c₂, c₃) → (hi(M₁c₂) ⊕ c₁ ⊕ k₀, lo(M₁c₂), hi(M₀c₀) ⊕ c₃ ⊕ k₁, lo(M₀c₀))`, and the key grows by
/// `(W₀, W₁)` after each round.
///
/// J. Salmon, M. Moraes, R. Dror, D. Shaw, *Parallel random numbers: as easy as 1, 2, 3*, SC 2011.
public final class PhiloxKernel {

    private static final int ROUNDS = 10;
    private static final long M0 = 0xD2511F53L;
    private static final long M1 = 0xCD9E8D57L;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;
    private static final long WORD = 0xFFFFFFFFL;

    private PhiloxKernel() {}

    /// The block of four words with any counter and key: `words[at..at + 4)`.
    static void block(int[] words, int at, int c0, int c1, int c2, int c3, int k0, int k1) {
        for (int round = 0; round < ROUNDS; round++) {
            long first = M0 * (c0 & WORD);
            long second = M1 * (c2 & WORD);
            c0 = (int) (second >>> 32) ^ c1 ^ k0;
            c1 = (int) second;
            c2 = (int) (first >>> 32) ^ c3 ^ k1;
            c3 = (int) first;
            k0 += W0;
            k1 += W1;
        }
        words[at] = c0;
        words[at + 1] = c1;
        words[at + 2] = c2;
        words[at + 3] = c3;
    }

    /// The blocks of `blocks` counters from `counter` on: `words [4·blocks]`. Counter and key stand low word first
    /// in
    /// `c₀, c₁` and `k₀, k₁`; the upper half of the counter is 0.
    public static void reference(int[] words, int blocks, long key, long counter) {
        for (int b = 0; b < blocks; b++) {
            long c = counter + b;
            block(words, 4 * b, (int) c, (int) (c >>> 32), 0, 0, (int) key, (int) (key >>> 32));
        }
    }

    /// As [#reference], many counters at a time. `words` needs room for `roundUp(blocks)` blocks; what follows the
    /// wanted ones
    /// is overwritten.
    public static void forward(int[] words, int blocks, long key, long counter) {
        if (Lanes.available()) {
            Simd.forward(words, blocks, key, counter);
        } else {
            reference(words, blocks, key, counter);
        }
    }

    /// How many blocks [#forward] may write where `blocks` are wanted.
    public static int roundUp(int blocks) {
        int together = Math.max(1, Lanes.bits() / Long.SIZE);
        return (blocks + together - 1) / together * together;
    }

    private static final class Simd {

        private static final VectorSpecies<Long> S = Species.I64;
        private static final VectorShuffle<Long> ZIP_LOW = VectorShuffle.makeZip(S, 0);
        private static final VectorShuffle<Long> ZIP_HIGH = VectorShuffle.makeZip(S, 1);
        private static final LongVector INDEX = LongVector.zero(S).addIndex(1);

        /// One counter to a 64-bit lane. Only the lower halves of the lanes mean anything; products are formed
        /// from them alone.
        private static void forward(int[] words, int blocks, long key, long counter) {
            LongVector m0 = LongVector.broadcast(S, M0);
            LongVector m1 = LongVector.broadcast(S, M1);
            for (int b = 0; b < blocks; b += S.length()) {
                LongVector c0 = INDEX.add(counter + b);
                LongVector c1 = c0.lanewise(VectorOperators.LSHR, 32);
                LongVector c2 = LongVector.zero(S);
                LongVector c3 = c2;
                int k0 = (int) key;
                int k1 = (int) (key >>> 32);
                for (int round = 0; round < ROUNDS; round++) {
                    LongVector first = c0.and(WORD).mul(m0);
                    LongVector second = c2.and(WORD).mul(m1);
                    c0 = second.lanewise(VectorOperators.LSHR, 32)
                            .lanewise(VectorOperators.XOR, c1)
                            .lanewise(VectorOperators.XOR, k0);
                    c1 = second;
                    c2 = first.lanewise(VectorOperators.LSHR, 32)
                            .lanewise(VectorOperators.XOR, c3)
                            .lanewise(VectorOperators.XOR, k1);
                    c3 = first;
                    k0 += W0;
                    k1 += W1;
                }
                LongVector low = c0.and(WORD).or(c1.lanewise(VectorOperators.LSHL, 32));
                LongVector high = c2.and(WORD).or(c3.lanewise(VectorOperators.LSHL, 32));
                low.rearrange(ZIP_LOW, high).reinterpretAsInts().intoArray(words, 4 * b);
                low.rearrange(ZIP_HIGH, high).reinterpretAsInts().intoArray(words, 4 * b + 2 * S.length());
            }
        }
    }
}
