package org.lehr.cuda.ptx;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;
import org.lehr.cuda.ptx.PtxFault.Kind;

/// A piece of memory that threads share, which checks what they do: one allocation, or the shared memory of a block.
final class Tract {

    /// A write that other strong accesses may meet.
    private static final int STRONG = 1 << 29;

    /// A write that an asynchronous copy has not finished.
    private static final int PENDING = 1 << 30;

    /// Several threads of the block read since its last barrier.
    private static final int BY_THREADS = 1 << 29;

    /// Several blocks read.
    private static final int BY_BLOCKS = 1 << 30;

    private final String name;
    private final long size;
    private final boolean constant;
    private final Page[] pages;
    private int oldest = History.HOST;
    private boolean freed;

    /// @param name for messages
    Tract(String name, long size, boolean constant) {
        this.name = name;
        this.size = size;
        this.constant = constant;
        this.pages = new Page[Math.toIntExact((size + Page.SIZE - 1) / Page.SIZE)];
    }

    long size() {
        return size;
    }

    void free() {
        freed = true;
        Arrays.fill(pages, null);
    }

    boolean freed() {
        return freed;
    }

    /// Begins anew: writes before this number of [History] do not count as written, nor do they race with what
    /// comes.
    void reuse(int oldest) {
        this.oldest = oldest;
        for (Page page : pages) {
            if (page != null) {
                Arrays.fill(page.readers, 0);
                Arrays.fill(page.writers, 0);
            }
        }
    }

    /// Forgets who touched the memory; what was written stays so.
    void forget() {
        for (Page page : pages) {
            if (page != null) {
                Arrays.fill(page.readers, 0);
                for (int i = 0; i < Page.SIZE; i++) {
                    page.writers[i] = page.writers[i] == 0 ? 0 : History.HOST;
                }
            }
        }
    }

    /// Whether a number is one of the users that this memory has now.
    private boolean current(History history, int number) {
        return number >= oldest && history.current(number);
    }

    /// Reads 1, 2, 4 or 8 bytes.
    long load(Warp warp, int lane, long offset, int bytes, boolean strong) {
        check(warp, lane, offset, bytes, "reads");
        Page page = pages[(int) (offset / Page.SIZE)];
        int at = (int) (offset % Page.SIZE);
        int me = warp.number(lane);
        History history = warp.history();
        // Bytes with the same users as the one before need no second look.
        int readerBefore = 0;
        for (int i = at; i < at + bytes; i++) {
            int writer = page == null ? 0 : page.writers[i];
            int reader = page == null ? 0 : page.readers[i];
            if (i > at && writer == page.writers[i - 1] && reader == readerBefore) {
                page.readers[i] = page.readers[i - 1];
                continue;
            }
            readerBefore = reader;
            int by = writer & History.NUMBER;
            if (by < oldest) {
                throw warp.fault(Kind.UNWRITTEN, lane, "reads " + place(offset, bytes) + ", which nobody wrote");
            }
            if (by != me && current(history, by)) {
                if (history.concurrent(by, me) && !(strong && (writer & STRONG) != 0)) {
                    throw race(warp, lane, "reads ", offset, bytes, ", which " + who(warp, by) + " writes");
                }
            }
            if ((writer & PENDING) != 0) {
                throw warp.fault(
                        Kind.PENDING_COPY,
                        lane,
                        "reads " + place(offset, bytes) + " before it waited for the copy that fills it");
            }
            if (!strong && reader != me) {
                page.readers[i] = withReader(history, reader, me);
            }
        }
        return Page.get(page.bytes, at, bytes);
    }

    private int withReader(History history, int reader, int me) {
        int by = reader & History.NUMBER;
        if (!current(history, by)) {
            return me;
        }
        if (!history.sameBlock(by, me)) {
            return me | BY_BLOCKS;
        }
        if (history.concurrent(by, me)) {
            return reader | BY_THREADS;
        }
        boolean same = history.sameStretch(by, me);
        return me | reader & (same ? BY_BLOCKS | BY_THREADS : BY_BLOCKS);
    }

    /// Writes 1, 2, 4 or 8 bytes.
    void store(Warp warp, int lane, long offset, int bytes, long value, boolean strong) {
        claim(warp, lane, offset, bytes, value, strong ? STRONG : 0);
        Page.set(pages[(int) (offset / Page.SIZE)].bytes, (int) (offset % Page.SIZE), bytes, value);
    }

    /// Replaces 1, 2, 4 or 8 bytes without anyone in between.
    long update(Warp warp, int lane, long offset, int bytes, LongUnaryOperator change) {
        long before = load(warp, lane, offset, bytes, true);
        store(warp, lane, offset, bytes, change.applyAsLong(before), true);
        return before;
    }

    /// Says that an asynchronous copy will write.
    void promise(Warp warp, int lane, long offset, int bytes) {
        for (int i = 0; i < bytes; i++) {
            claim(warp, lane, offset + i, 1, -1, PENDING);
        }
    }

    private void claim(Warp warp, int lane, long offset, int bytes, long value, int flag) {
        check(warp, lane, offset, bytes, "writes");
        if (constant) {
            throw warp.fault(Kind.READ_ONLY, lane, "writes " + place(offset, bytes));
        }
        int index = (int) (offset / Page.SIZE);
        if (pages[index] == null) {
            pages[index] = new Page();
        }
        Page page = pages[index];
        int at = (int) (offset % Page.SIZE);
        int me = warp.number(lane);
        History history = warp.history();
        int writerBefore = 0;
        for (int i = at; i < at + bytes; i++) {
            int writer = page.writers[i];
            int reader = page.readers[i];
            if (i > at && writer == writerBefore && reader == page.readers[i - 1]) {
                page.writers[i] = me | flag;
                continue;
            }
            writerBefore = writer;
            int by = writer & History.NUMBER;
            if (by != me && current(history, by) && history.concurrent(by, me) && (writer & flag & STRONG) == 0) {
                boolean together =
                        by >>> 5 == me >>> 5 && Page.get(page.bytes, at, bytes) == Page.get(bytesOf(value), 0, bytes);
                if (!together) {
                    throw race(warp, lane, "writes ", offset, bytes, ", which " + who(warp, by) + " writes too");
                }
            }
            int read = reader & History.NUMBER;
            if (read != 0 && current(history, read)) {
                boolean others = (reader & BY_BLOCKS) != 0
                        || read != me && history.concurrent(read, me)
                        || (reader & BY_THREADS) != 0 && history.sameStretch(read, me);
                if (others) {
                    String also = read == me || !history.concurrent(read, me) ? "another thread" : who(warp, read);
                    throw race(warp, lane, "writes ", offset, bytes, ", which " + also + " reads");
                }
            }
            page.writers[i] = me | flag;
        }
    }

    private static byte[] bytesOf(long value) {
        byte[] bytes = new byte[Long.BYTES];
        Page.set(bytes, 0, Long.BYTES, value);
        return bytes;
    }

    private void check(Warp warp, int lane, long offset, int bytes, String does) {
        if (freed) {
            throw warp.fault(Kind.USE_AFTER_FREE, lane, does + " " + place(offset, bytes) + ", which was freed");
        }
        if (offset < 0 || offset > size - bytes) {
            throw warp.fault(Kind.OUT_OF_BOUNDS, lane, does + " " + place(offset, bytes));
        }
        if ((offset & bytes - 1) != 0) {
            throw warp.fault(Kind.MISALIGNED, lane, does + " " + place(offset, bytes));
        }
    }

    /// For the host: everything is ordered with what it does.
    void copyIn(long offset, MemorySegment from) {
        for (long done = 0; done < from.byteSize(); ) {
            int index = (int) ((offset + done) / Page.SIZE);
            int at = (int) ((offset + done) % Page.SIZE);
            int part = (int) Math.min(Page.SIZE - at, from.byteSize() - done);
            if (pages[index] == null) {
                pages[index] = new Page();
            }
            MemorySegment.copy(from, ValueLayout.JAVA_BYTE, done, pages[index].bytes, at, part);
            Arrays.fill(pages[index].writers, at, at + part, History.HOST);
            done += part;
        }
    }

    /// For the host. What nobody wrote is copied as it is.
    void copyOut(MemorySegment to, long offset) {
        for (long done = 0; done < to.byteSize(); ) {
            Page page = pages[(int) ((offset + done) / Page.SIZE)];
            int at = (int) ((offset + done) % Page.SIZE);
            int part = (int) Math.min(Page.SIZE - at, to.byteSize() - done);
            if (page != null) {
                MemorySegment.copy(page.bytes, at, to, ValueLayout.JAVA_BYTE, done, part);
            }
            done += part;
        }
    }

    /// Whether somebody wrote this byte.
    boolean written(long offset) {
        Page page = pages[(int) (offset / Page.SIZE)];
        return page != null && page.writers[(int) (offset % Page.SIZE)] != 0;
    }

    /// Forgets that these bytes were written.
    void unwrite(long offset, long bytes) {
        for (long i = offset; i < offset + bytes; i++) {
            Page page = pages[(int) (i / Page.SIZE)];
            if (page != null) {
                page.writers[(int) (i % Page.SIZE)] = 0;
            }
        }
    }

    private PtxFault race(Warp warp, int lane, String does, long offset, int bytes, String other) {
        return warp.fault(Kind.RACE, lane, does + place(offset, bytes) + other + " with nothing to order them");
    }

    private static String who(Warp warp, int number) {
        String thread = "thread " + warp.history().thread(number);
        return warp.history().sameBlock(number, warp.number(0))
                ? thread
                : thread + " of block " + warp.blockName(number);
    }

    private String place(long offset, int bytes) {
        return bytes + " bytes at " + offset + " of " + name + " of " + size + " bytes";
    }
}
