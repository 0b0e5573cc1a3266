package org.lehr.kernels.memory;

import java.lang.foreign.MemorySegment;

/// Memory of a device from `address` on.
record DeviceRoom(DeviceMemory memory, long address) implements Room {

    /// Takes memory from `memory`, limited by the system property of this name.
    record Device(DeviceMemory memory, String property) implements Source {

        @Override
        public Room take(long size, int count) {
            long address = memory.allocate(size * count);
            return address == 0 ? null : new DeviceRoom(memory, address);
        }

        @Override
        public String device() {
            return memory.device();
        }
    }

    @Override
    public MemorySegment segment(long place, long bytes) {
        return MemorySegment.ofAddress(address + place);
    }

    @Override
    public void close() {
        memory.free(address);
    }
}
