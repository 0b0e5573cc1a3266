package org.lehr.kernels.memory;

/// The memory of a device, which the host cannot read: where a [Pool] of such memory takes it from.
public interface DeviceMemory {

    /// The device's name, for messages: `cuda`.
    String device();

    /// Takes `bytes` bytes, aligned to at least [Pool#ALIGNMENT].
    ///
    /// @return their address on the device, or 0 where there is no room
    long allocate(long bytes);

    /// Gives back what [#allocate] returned, after all that still works on it.
    void free(long address);
}
