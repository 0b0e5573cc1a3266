package org.lehr.kernels.memory;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;

/// Asks Linux to back large blocks by pages of 2 MiB, where native access is enabled: a core then reads and writes
/// memory about a fifth faster, because it looks up fewer pages. Elsewhere nothing happens.
final class HugePages {

    private static final long PAGE = 2L << 20;

    /// `MADV_DONTNEED` and `MADV_HUGEPAGE` of Linux.
    private static final int DROP = 4;

    private static final int HUGE = 14;

    private static final Advice ADVICE = find();

    /// The system's `madvise`.
    @FunctionalInterface
    public interface Advice {
        int advise(MemorySegment start, long bytes, int advice);
    }

    private HugePages() {}

    /// For memory that nobody uses yet: its contents become zero. It was written once to be zeroed, in small pages;
    /// those are given back first.
    static void back(MemorySegment memory) {
        long from = -memory.address() & PAGE - 1;
        long bytes = (memory.byteSize() - from) / PAGE * PAGE;
        if (ADVICE != null && bytes > 0) {
            MemorySegment whole = memory.asSlice(from, bytes);
            if (ADVICE.advise(whole, bytes, HUGE) == 0) {
                ADVICE.advise(whole, bytes, DROP);
            }
        }
    }

    @SuppressWarnings("restricted")
    private static Advice find() {
        boolean linux = System.getProperty("os.name").startsWith("Linux");
        if (!linux || !HugePages.class.getModule().isNativeAccessEnabled()) {
            return null;
        }
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor form = FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);
        MethodHandle madvise = linker.defaultLookup()
                .find("madvise")
                .map(place -> linker.downcallHandle(place, form))
                .orElse(null);
        return madvise == null ? null : MethodHandleProxies.asInterfaceInstance(Advice.class, madvise);
    }
}
