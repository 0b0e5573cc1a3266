package org.lehr.kernels.parallel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;

/// Which cores threads may run on, on Linux where native access is enabled; elsewhere nothing happens.
///
/// A thread that is woken begins on the core where it slept. In a virtual machine, whose halted cores look taken, it
/// does so even when that is the waker's own core and all others idle: the two then share it for up to a second.
final class Cores {

    /// A thread that may run anywhere, or a machine that cannot be asked.
    static final int NONE = -1;

    private static final long MASK_BYTES = 1024;
    private static final Calls CALLS = Calls.find();

    private Cores() {}

    /// The calling thread for the system; 0 where it has no number.
    static int thread() {
        return CALLS == null ? 0 : CALLS.thread.number();
    }

    /// Keeps a thread off the caller's core, if it may run on another one. Returns that core for [#allow], or
    /// [#NONE].
    static int keepOff(int thread) {
        if (CALLS == null || thread == 0) {
            return NONE;
        }
        int core = CALLS.core.number();
        return core >= 0 && change(thread, core, false) ? core : NONE;
    }

    /// Lets the calling thread run on `core` again.
    static void allow(int core) {
        if (core != NONE) {
            change(0, core, true);
        }
    }

    private static boolean change(int thread, int core, boolean allowed) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES);
            if (core >= MASK_BYTES * Byte.SIZE || CALLS.get.call(thread, MASK_BYTES, mask) != 0) {
                return false;
            }
            long place = core / Byte.SIZE;
            int bit = 1 << core % Byte.SIZE;
            int old = mask.get(JAVA_BYTE, place);
            mask.set(JAVA_BYTE, place, (byte) (allowed ? old | bit : old & ~bit));
            // The system refuses a mask without any core.
            return CALLS.set.call(thread, MASK_BYTES, mask) == 0;
        }
    }

    /// Asks for the calling thread's number or core.
    @FunctionalInterface
    public interface Ask {
        int number();
    }

    /// Reads or sets the cores of a thread; 0 means success.
    @FunctionalInterface
    public interface Affinity {
        int call(int thread, long bytes, MemorySegment mask);
    }

    private record Calls(Ask thread, Ask core, Affinity get, Affinity set) {

        @SuppressWarnings("restricted")
        static Calls find() {
            boolean linux = System.getProperty("os.name").startsWith("Linux");
            if (!linux || !Cores.class.getModule().isNativeAccessEnabled()) {
                return null;
            }
            Ask thread = find(Ask.class, "gettid");
            Ask core = find(Ask.class, "sched_getcpu");
            Affinity get = find(Affinity.class, "sched_getaffinity", JAVA_INT, JAVA_LONG, ADDRESS);
            Affinity set = find(Affinity.class, "sched_setaffinity", JAVA_INT, JAVA_LONG, ADDRESS);
            return thread == null || core == null || get == null || set == null
                    ? null
                    : new Calls(thread, core, get, set);
        }

        @SuppressWarnings("restricted")
        private static <T> T find(Class<T> kind, String name, MemoryLayout... parameters) {
            Linker linker = Linker.nativeLinker();
            MethodHandle function = linker.defaultLookup()
                    .find(name)
                    .map(place -> linker.downcallHandle(place, FunctionDescriptor.of(JAVA_INT, parameters)))
                    .orElse(null);
            return function == null ? null : MethodHandleProxies.asInterfaceInstance(kind, function);
        }
    }
}
