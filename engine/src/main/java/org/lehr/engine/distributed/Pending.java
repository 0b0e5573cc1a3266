package org.lehr.engine.distributed;

import java.util.List;

/// An operation that was begun.
public interface Pending {

    /// Waits until it is done: outputs can be read and all tensors used again.
    ///
    /// @throws CommunicationException when it failed
    void await();

    /// Whether [#await] would return, or throw, at once.
    boolean isDone();

    /// All of some operations.
    static Pending all(List<Pending> parts) {
        return new Pending() {
            @Override
            public void await() {
                parts.forEach(Pending::await);
            }

            @Override
            public boolean isDone() {
                return parts.stream().allMatch(Pending::isDone);
            }
        };
    }
}
