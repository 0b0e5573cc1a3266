package org.lehr.engine.distributed;

import java.util.Locale;

/// The operations that ranks must agree on.
enum Operation {
    BROADCAST,
    ALL_REDUCE,
    REDUCE_SCATTER,
    ALL_GATHER,
    ALL_TO_ALL,
    GATHER,
    SCATTER,
    SEND,
    BARRIER;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
