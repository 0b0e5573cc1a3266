package org.lehr.kernels.parallel;

import java.util.function.Supplier;

/// Runs the pieces of a range on several threads.
///
/// A range is cut by its size and a grain only, never by the number of threads: results that are formed per piece are
/// the same on any machine. All callers share one set of daemon threads, `lehr-worker-N`; the calling thread takes
/// part.
/// A range of a single piece runs in place, and its task may use the threads itself; a call made inside one of several
/// pieces runs serially in place, cut into the same pieces.
///
/// The number of threads is the system property `lehr.threads`, else the number of the machine's processors.
public final class Workers {

    private static final ScopedValue<Workers> CHOSEN = ScopedValue.newInstance();
    private static final int MOST_THREADS = 1024;
    private static final String PROPERTY = "lehr.threads";
    private static volatile Workers standard;

    private final int threads;

    private Workers(int threads) {
        this.threads = threads;
    }

    /// The workers that this thread uses: those of the enclosing [#with], else the standard number.
    ///
    /// @throws IllegalArgumentException when `lehr.threads` is not a number from 1 to 1024
    public static Workers current() {
        return CHOSEN.isBound() ? CHOSEN.get() : standard();
    }

    /// Runs `body` with another number of threads, 1 to 1024, and returns its result.
    public static <T> T with(int threads, Supplier<T> body) {
        return ScopedValue.where(CHOSEN, new Workers(check(threads, "workers"))).call(body::get);
    }

    /// Runs `body` with another number of threads, 1 to 1024.
    public static void with(int threads, Runnable body) {
        ScopedValue.where(CHOSEN, new Workers(check(threads, "workers"))).run(body);
    }

    /// How many threads take part at most, the calling one included.
    public int threads() {
        return threads;
    }

    /// Runs `task` on the pieces `[i·grain, (i+1)·grain)` of `[0, size)`, the last one cut off at `size`, and
    /// returns
    /// when all are done.
    ///
    /// When pieces fail, the exception of the first of them in order is thrown here, after every running piece has
    /// ended; later pieces may then not have run. An interrupt of the calling thread is kept for later.
    ///
    /// @param grain elements of a piece; choose it so that a piece takes some ten microseconds or more
    public void forRange(long size, long grain, RangeTask task) {
        if (size < 0 || grain < 1) {
            throw new IllegalArgumentException(
                    "workers: size must be at least 0 and grain at least 1, got " + size + " and " + grain);
        }
        if (size <= grain) {
            if (size > 0) {
                task.run(0, size);
            }
        } else if (threads == 1 || Crew.isInsidePiece()) {
            for (long from = 0; from < size; from += grain) {
                task.run(from, Math.min(size, from + grain));
            }
        } else {
            Crew.SHARED.run(new Job(size, grain, task, threads - 1));
        }
    }

    private static Workers standard() {
        Workers workers = standard;
        if (workers == null) {
            String text = System.getProperty(PROPERTY);
            workers = new Workers(text == null ? machineThreads() : check(parse(text), PROPERTY));
            standard = workers;
        }
        return workers;
    }

    private static int machineThreads() {
        return Math.min(Runtime.getRuntime().availableProcessors(), MOST_THREADS);
    }

    private static int parse(String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    PROPERTY + ": expected a number from 1 to " + MOST_THREADS + ", got '" + text + "'", e);
        }
    }

    private static int check(int threads, String setting) {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException(
                    setting + ": the number of threads must be from 1 to " + MOST_THREADS + ", got " + threads);
        }
        return threads;
    }
}
