package org.lehr.kernels.fusion;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/// What was used last, up to a number of entries. Any thread may ask; an entry is made once.
final class Recent<K, V> {

    private final Function<K, V> maker;
    private final Map<K, V> entries;

    Recent(int most, Function<K, V> maker) {
        this.maker = maker;
        this.entries = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > most;
            }
        };
    }

    synchronized V get(K key) {
        V value = entries.get(key);
        if (value == null) {
            value = maker.apply(key);
            entries.put(key, value);
        }
        return value;
    }
}
