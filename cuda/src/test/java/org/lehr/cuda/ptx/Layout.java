package org.lehr.cuda.ptx;

import java.util.HashMap;
import java.util.Map;

/// Offsets of variables in one space of memory, one behind the other.
final class Layout {

    private static final int LARGEST_ALIGNMENT = 16;

    private final Map<String, Integer> offsets = new HashMap<>();
    private int size;

    /// Adds a variable unless it is there.
    ///
    /// @return its offset
    int add(String name, Variable variable) {
        Integer known = offsets.get(name);
        if (known != null) {
            return known;
        }
        int offset = roundUp(size, variable.alignment());
        offsets.put(name, offset);
        size = offset + variable.size();
        return offset;
    }

    /// Null for a variable that was not added.
    Integer offset(String name) {
        return offsets.get(name);
    }

    int size() {
        return size;
    }

    /// The size, such that any variable may follow.
    int roundedSize() {
        return roundUp(size, LARGEST_ALIGNMENT);
    }

    private static int roundUp(int value, int step) {
        return (value + step - 1) / step * step;
    }
}
