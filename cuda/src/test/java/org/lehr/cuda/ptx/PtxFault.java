package org.lehr.cuda.ptx;

/// Something that a kernel must not do, with where it did it.
public final class PtxFault extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    /// What kinds of fault there are.
    public enum Kind {
        OUT_OF_BOUNDS,
        USE_AFTER_FREE,
        MISALIGNED,
        UNWRITTEN,
        READ_ONLY,
        RACE,
        BARRIER,
        LANES,
        PENDING_COPY,
        DIVISION_BY_ZERO,
        TRAP,
        STEP_LIMIT
    }

    private final Kind kind;
    private final int line;
    private final String block;
    private final int thread;

    PtxFault(Kind kind, String place, Statement at, String block, int thread, String what) {
        super(place + ":" + at.line() + ", block " + block + ", thread " + thread + ": " + what + " [" + at.text()
                + "]");
        this.kind = kind;
        this.line = at.line();
        this.block = block;
        this.thread = thread;
    }

    public Kind kind() {
        return kind;
    }

    /// Line of the file of PTX.
    public int line() {
        return line;
    }

    /// `(x, y, z)`
    public String block() {
        return block;
    }

    /// Number within the block.
    public int thread() {
        return thread;
    }
}
