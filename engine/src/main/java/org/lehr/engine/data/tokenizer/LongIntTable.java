package org.lehr.engine.data.tokenizer;

import java.util.Arrays;

/// A map from numbers of at least 0 to `int`s, by open addressing: pairs of tokens, edges of a trie.
final class LongIntTable {

    static final int ABSENT = -1;
    private static final long EMPTY = -1;

    private long[] keys;
    private int[] values;
    private int size;

    /// @param expected how many entries there will be, about
    LongIntTable(int expected) {
        allocate(Integer.highestOneBit(Math.max(expected, 8)) * 4);
    }

    /// Two tokens as one key.
    static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    private void allocate(int capacity) {
        keys = new long[capacity];
        values = new int[capacity];
        Arrays.fill(keys, EMPTY);
    }

    /// The value of `key`, [#ABSENT] where there is none.
    int get(long key) {
        int place = place(key);
        return keys[place] == key ? values[place] : ABSENT;
    }

    void put(long key, int value) {
        int place = place(key);
        if (keys[place] == EMPTY) {
            if (2 * (size + 1) > keys.length) {
                grow();
                place = place(key);
            }
            keys[place] = key;
            size++;
        }
        values[place] = value;
    }

    private int place(long key) {
        long mixed = key * 0x9E3779B97F4A7C15L;
        int mask = keys.length - 1;
        int place = (int) (mixed >>> 32) & mask;
        while (keys[place] != key && keys[place] != EMPTY) {
            place = place + 1 & mask;
        }
        return place;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        allocate(2 * oldKeys.length);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != EMPTY) {
                int place = place(oldKeys[i]);
                keys[place] = oldKeys[i];
                values[place] = oldValues[i];
            }
        }
    }
}
