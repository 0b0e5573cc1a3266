package org.lehr.engine.data;

import java.util.Objects;

/// The same windows each time: what validation losses are computed on.
///
/// The stream is cut into windows of `context` tokens from its beginning; of more than `limit` windows, `limit` are
/// taken at equal distances. The last batch may be smaller.
public final class ValidationBatches {
    private final TokenStream stream;
    private final int batch;
    private final int context;
    private final long all;
    private final int windows;

    /// @param limit windows at most
    /// @throws DataException when the stream is too short for one window
    public ValidationBatches(TokenStream stream, int batch, int context, int limit) {
        TextBatches.requireWindow(stream, batch, context);
        if (limit <= 0) {
            throw new IllegalArgumentException("validation: limit must be positive, got " + limit + " windows");
        }
        this.stream = stream;
        this.batch = batch;
        this.context = context;
        this.all = (stream.size() - 1) / context;
        this.windows = (int) Math.min(all, limit);
    }

    /// Number of batches.
    public int size() {
        return (windows + batch - 1) / batch;
    }

    /// Number of windows in all batches together.
    public int windows() {
        return windows;
    }

    /// Number of predictions in all batches together.
    public long tokens() {
        return (long) windows * context;
    }

    /// Batch `index`, in arrays of its own.
    ///
    /// @throws IndexOutOfBoundsException outside `[0, size)`
    public TokenBatch get(int index) {
        Objects.checkIndex(index, size());
        int first = index * batch;
        TokenBatch result = TokenBatch.empty(Math.min(batch, windows - first), context);
        for (int row = 0; row < result.batch(); row++) {
            long window = (first + row) * all / windows;
            result.fill(row, stream, (int) (window * context));
        }
        return result;
    }
}
