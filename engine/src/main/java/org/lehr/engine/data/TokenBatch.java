package org.lehr.engine.data;

import java.util.Arrays;

/// `batch` rows of `context` tokens, and for each token the one that follows it.
///
/// `inputs [batch, context]`, `targets [batch, context]`, both row by row in one array. Whoever hands out a batch may
/// overwrite its arrays when it hands out the next.
public record TokenBatch(int batch, int context, int[] inputs, int[] targets) {

    public TokenBatch {
        if (inputs.length != batch * context || targets.length != batch * context) {
            throw new IllegalArgumentException("token batch: expected %d x %d tokens, got %d inputs and %d targets"
                    .formatted(batch, context, inputs.length, targets.length));
        }
    }

    static TokenBatch empty(int batch, int context) {
        return new TokenBatch(batch, context, new int[batch * context], new int[batch * context]);
    }

    /// Fills row `row` from the `context + 1` tokens of `stream` at `from`.
    void fill(int row, TokenStream stream, int from) {
        stream.copy(from, inputs, row * context, context);
        stream.copy(from + 1, targets, row * context, context);
    }

    /// Number of predictions.
    public int tokens() {
        return batch * context;
    }

    /// A copy of part `index` of `parts` of the rows, which must divide them.
    public TokenBatch part(int index, int parts) {
        if (parts < 1 || index < 0 || index >= parts || batch % parts != 0) {
            throw new IllegalArgumentException(
                    "token batch: %d rows have no part %d of %d alike".formatted(batch, index, parts));
        }
        int size = tokens() / parts;
        return new TokenBatch(
                batch / parts,
                context,
                Arrays.copyOfRange(inputs, index * size, (index + 1) * size),
                Arrays.copyOfRange(targets, index * size, (index + 1) * size));
    }
}
