package org.lehr.engine.nn;

/// Sequences that a model continues token by token, as a generator drives it: scores come out, one token for each
/// sequence goes in. Sequences do not see each other, and may be of different lengths.
///
/// Of a sequence that is longer than the model's context, the model sees the last tokens, at least half of what it
/// takes. The model must not change, and behave as in use, as long as a decoding goes on.
public interface Decoding {

    /// The scores of what comes next, `[sequence][token]`; the arrays are the caller's.
    float[][] scores();

    /// Appends one token to each sequence.
    void append(int[] tokens);

    /// From here on sequence `i` is what sequence `rows[i]` was: drops, doubles and
    /// reorders sequences.
    void select(int[] rows);
}
