package org.lehr.cuda;

import java.util.ArrayList;
import java.util.List;
import org.lehr.kernels.memory.DeviceMemory;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// An allocation of exactly its size for each storage, used once: nothing lies beside it, and nothing that another left
/// is in it.
final class SeparateMemory implements Runtime.Allocator {

    private final Accelerator accelerator;
    private final List<Long> given = new ArrayList<>();

    SeparateMemory(Accelerator accelerator) {
        this.accelerator = accelerator;
    }

    Accelerator accelerator() {
        return accelerator;
    }

    @Override
    public Storage allocate(long bytes, String owner) {
        return Pool.ofDevice(new One(bytes), Runtime.MEMORY_PROPERTY, accelerator.memory())
                .allocate(bytes, owner);
    }

    /// Ends the use of all that was given.
    void freeAll() {
        given.forEach(accelerator::free);
        given.clear();
    }

    /// Memory for the one storage of a pool. It is smaller than the pool believes, by what the pool would round up
    /// to
    /// and keep for others.
    private final class One implements DeviceMemory {

        private final long bytes;

        private One(long bytes) {
            this.bytes = bytes;
        }

        @Override
        public String device() {
            return Runtime.DEVICE;
        }

        @Override
        public long allocate(long ofThePool) {
            long address = accelerator.allocate(bytes);
            given.add(address);
            return address;
        }

        @Override
        public void free(long address) {
            throw new IllegalStateException("the pool of one storage returned its memory");
        }
    }
}
