package org.lehr.kernels.loss;

import org.lehr.kernels.indexing.Indices;
import org.lehr.kernels.memory.Reals;

/// What the rows of a cross-entropy should have been.
public sealed interface Targets {

    /// Rows `[from, from + rows)` of these, each over `n` classes.
    Targets slice(long from, long rows, long n);

    /// Whether a row counts.
    boolean counts(long row);

    /// The probability that class `j` of `n` should have, before smoothing.
    double probability(long row, long j, long n);

    /// One class per row; rows of class `ignored` do not count.
    record Classes(Indices labels, long ignored) implements Targets {

        @Override
        public Targets slice(long from, long rows, long n) {
            return new Classes(labels.slice(from, rows), ignored);
        }

        @Override
        public boolean counts(long row) {
            return labels.at(row) != ignored;
        }

        @Override
        public double probability(long row, long j, long n) {
            return labels.at(row) == j ? 1 : 0;
        }
    }

    /// A probability for every class, `[rows, n]`.
    record Probabilities(Reals values) implements Targets {

        @Override
        public Targets slice(long from, long rows, long n) {
            return new Probabilities(values.slice(from * n, rows * n));
        }

        @Override
        public boolean counts(long row) {
            return true;
        }

        @Override
        public double probability(long row, long j, long n) {
            return values.get(row * n + j);
        }
    }
}
