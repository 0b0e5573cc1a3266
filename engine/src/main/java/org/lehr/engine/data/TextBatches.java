package org.lehr.engine.data;

/// Training batches without end: windows of a token stream in a shuffled order that depends on the seed alone.
///
/// A pass over the stream cuts it into windows of `context` tokens, from a place that is drawn anew for each pass, and
/// hands out each window once, in an order that is drawn anew as well. The [Cursor] is all there is to save.
public final class TextBatches {
    private final TokenStream stream;
    private final int context;
    private final long seed;
    private final TokenBatch batch;
    private long epoch;
    private long position;
    private int phase;
    private long windows;
    private Permutation order;

    /// @param batch windows in a batch
    /// @param context tokens in a window
    /// @throws DataException when the stream is too short for one window
    public TextBatches(TokenStream stream, int batch, int context, long seed) {
        requireWindow(stream, batch, context);
        this.stream = stream;
        this.context = context;
        this.seed = seed;
        this.batch = TokenBatch.empty(batch, context);
        begin(0);
    }

    static void requireWindow(TokenStream stream, int batch, int context) {
        if (batch <= 0 || context <= 0) {
            throw new IllegalArgumentException(
                    "batches: batch and context must be positive, got " + batch + " and " + context);
        }
        if (stream.size() <= context) {
            throw new DataException("the text is too short: %d tokens, but one window of context %d takes %d"
                    .formatted(stream.size(), context, context + 1));
        }
    }

    /// The next batch. Its arrays are overwritten by the next call. A batch may run from one pass into the
    /// following.
    public TokenBatch next() {
        for (int row = 0; row < batch.batch(); row++) {
            if (position == windows) {
                begin(epoch + 1);
            }
            batch.fill(row, stream, Math.toIntExact(phase + order.at(position++) * context));
        }
        return batch;
    }

    /// Where the sequence stands.
    public Cursor cursor() {
        return new Cursor(epoch, position);
    }

    /// Goes on from `cursor`: what follows is what followed when it was taken.
    ///
    /// @throws DataException when `cursor` cannot come from this text, context and seed
    public void seek(Cursor cursor) {
        begin(cursor.epoch());
        if (cursor.position() > windows) {
            throw new DataException("%s does not fit the text: pass %d has %d windows of context %d"
                    .formatted(cursor, epoch, windows, context));
        }
        position = cursor.position();
    }

    /// Windows of the current pass; the number may differ by one between passes.
    public long windows() {
        return windows;
    }

    private void begin(long pass) {
        long key = Mix.of(seed, pass);
        epoch = pass;
        position = 0;
        int last = stream.size() - 1;
        phase = (int) Long.remainderUnsigned(Mix.of(key, -1), Math.min(context, last - context + 1));
        windows = (last - phase) / context;
        order = new Permutation(windows, key);
    }
}
