package org.lehr.engine.optim.offload;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.lehr.engine.optim.offload.Event.Kind;

/// How long a step's work took, for each parameter that is part of it.
final class Meter {

    private record Total(double seconds, long parameters) {

        private double each() {
            return seconds / Math.max(1, parameters);
        }
    }

    private final Map<Kind, Total> totals = new EnumMap<>(Kind.class);

    synchronized void clear() {
        totals.clear();
    }

    synchronized void add(Kind kind, long nanoseconds, long parameters) {
        totals.merge(
                kind,
                new Total(nanoseconds * 1e-9, parameters),
                (a, b) -> new Total(a.seconds + b.seconds, a.parameters + b.parameters));
    }

    /// Nothing as long as not everything was seen.
    synchronized Optional<Interleaving> model() {
        if (!totals.containsKey(Kind.FLUSH) || !totals.containsKey(Kind.HOST)) {
            return Optional.empty();
        }
        Total none = new Total(0, 1);
        return Optional.of(Interleaving.ofProcessor(
                totals.get(Kind.DEVICE).each(),
                totals.get(Kind.HOST).each(),
                totals.get(Kind.FETCH).each(),
                totals.get(Kind.FLUSH).each(),
                totals.getOrDefault(Kind.BACK, none).each()));
    }
}
