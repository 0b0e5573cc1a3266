package org.lehr.cuda.ptx;

import java.util.HashMap;
import java.util.Map;

/// Order between blocks of one launch. What a block did before a fence is published by its next atomic or strong
/// access; a block that fences after such an access sees all that was published before it.
final class Fences {

    private final Map<Integer, Integer> published = new HashMap<>();
    private final Map<Integer, Integer> seen = new HashMap<>();
    private int block;
    private int fencedAt;
    private int accessedAt;

    void clear() {
        published.clear();
        seen.clear();
        enter(-1);
    }

    private void enter(int next) {
        if (next != block) {
            block = next;
            fencedAt = 0;
            accessedAt = 0;
        }
    }

    /// @param now the next number of [History]
    void fence(int by, int now) {
        enter(by);
        fencedAt = now;
        if (accessedAt > 0) {
            seen.put(by, accessedAt);
        }
    }

    /// A block's strong access.
    void access(int by, int now) {
        enter(by);
        accessedAt = now;
        if (fencedAt > 0) {
            published.put(by, fencedAt);
        }
    }

    /// Whether a block sees what another one did at a number.
    boolean order(int number, int by, int reader) {
        int until = published.getOrDefault(by, 0);
        return number < until && until <= seen.getOrDefault(reader, 0);
    }
}
