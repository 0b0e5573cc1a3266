package org.lehr.kernels.memory;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Who holds memory: the leases of one owner taken together.
record Owners(String name, long count, long bytes) {

    static List<Owners> of(Shelf[] shelves) {
        Map<String, Owners> byName = new TreeMap<>();
        for (Shelf shelf : shelves) {
            shelf.forEachOut(lease -> byName.merge(
                    lease.owner(),
                    new Owners(lease.owner(), 1, shelf.blockBytes()),
                    (a, b) -> new Owners(a.name, a.count + b.count, a.bytes + b.bytes)));
        }
        return byName.values().stream()
                .sorted(Comparator.comparingLong(Owners::bytes).reversed())
                .toList();
    }
}
