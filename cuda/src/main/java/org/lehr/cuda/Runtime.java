package org.lehr.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.lehr.kernels.memory.DeviceMemory;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// What all families of kernels share: the accelerator, what its memory is taken by, and the modules that were loaded
/// so far.
final class Runtime implements DeviceMemory {

    static final String DEVICE = "cuda";
    static final String MEMORY_PROPERTY = "lehr.cuda.memory";

    /// Launches that the message about a failure tells.
    private static final int REMEMBERED = 6;

    private final Accelerator accelerator;
    private final Allocator allocator;
    private final Map<String, CompiledModule> modules = new ConcurrentHashMap<>();
    private final ArrayDeque<Launch> last = new ArrayDeque<>();

    /// Memory for tensors and for what kernels need beside them.
    interface Allocator {

        /// Memory of the device, with any contents.
        ///
        /// @param owner what it is for, for the message where there is no room
        Storage allocate(long bytes, String owner);
    }

    /// Memory comes from a pool.
    Runtime(Accelerator accelerator) {
        this.accelerator = accelerator;
        this.allocator = Pool.ofDevice(this, MEMORY_PROPERTY, accelerator.memory())::allocate;
    }

    Runtime(Accelerator accelerator, Allocator allocator) {
        this.accelerator = accelerator;
        this.allocator = allocator;
    }

    Accelerator accelerator() {
        return accelerator;
    }

    Storage allocate(long bytes, String owner) {
        return allocator.allocate(bytes, owner);
    }

    /// Begins a launch of a kernel of `file`; `operation` is what messages call it.
    Launch launch(String operation, String file, String kernel) {
        CompiledModule module = modules.computeIfAbsent(file, name -> accelerator.load(name, new PtxFile(name).text()));
        return new Launch(this, operation, module.kernel(kernel));
    }

    void run(Launch launch, Grid grid, MemorySegment parameters) {
        synchronized (last) {
            if (last.size() == REMEMBERED) {
                last.removeFirst();
            }
            last.addLast(launch);
        }
        guarded(() -> accelerator.launch(launch.kernel(), grid, parameters));
    }

    void copyIn(long to, MemorySegment from) {
        guarded(() -> accelerator.copyIn(to, from));
    }

    void copyOut(MemorySegment to, long from) {
        guarded(() -> accelerator.copyOut(to, from));
    }

    /// The int64 at an address of the device.
    long readLong(long address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
            copyOut(value, address);
            return value.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    @Override
    public String device() {
        return DEVICE;
    }

    @Override
    public long allocate(long bytes) {
        return accelerator.allocate(bytes);
    }

    @Override
    public void free(long address) {
        accelerator.free(address);
    }

    /// A failure on a device shows late, at whatever is asked for next: the message says what ran before.
    private void guarded(Runnable request) {
        try {
            request.run();
        } catch (IllegalStateException e) {
            synchronized (last) {
                throw new IllegalStateException(e.getMessage() + "; last launches, the newest at the end: " + last, e);
            }
        }
    }
}
