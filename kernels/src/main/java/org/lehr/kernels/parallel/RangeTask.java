package org.lehr.kernels.parallel;

/// Work on a part of a range.
@FunctionalInterface
public interface RangeTask {

    /// Does the work of the elements from `from` up to but without `to`.
    void run(long from, long to);
}
