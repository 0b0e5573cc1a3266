package org.lehr.cuda;

import java.lang.foreign.MemorySegment;

/// What kernels run on: the driver of a device, or a machine that interprets their PTX.
///
/// Everything that is asked for happens in the order in which it was asked for; launches and copies into the device
/// may return before they are done, copies out of it may not.
interface Accelerator {

    /// The device in words, as in `NVIDIA H200, compute capability 9.0, 139 GiB`.
    String description();

    /// Compute capability as the name of an architecture has it: 90 for `sm_90`.
    int architecture();

    /// Bytes of memory that may be allocated at most.
    long memory();

    /// Takes at least `bytes` bytes, not cleared, aligned to 256 bytes.
    ///
    /// @return the address on the device, or 0 where there is no room
    long allocate(long bytes);

    /// Gives back what [#allocate] returned.
    void free(long address);

    /// Copies all of a host's segment to the device. The segment may change as soon as this returns.
    void copyIn(long to, MemorySegment from);

    /// Fills all of a host's segment from the device.
    void copyOut(MemorySegment to, long from);

    /// Copies between places of the device that do not overlap.
    void copy(long to, long from, long bytes);

    /// Makes the kernels of one file of PTX ready.
    ///
    /// @param name of the file, for messages
    CompiledModule load(String name, String ptx);

    /// Runs a kernel on a grid of blocks.
    ///
    /// @param parameters the kernel's one parameter, a structure, byte for byte as the kernel declares it. May
    /// change
    ///     as soon as this returns.
    void launch(Kernel kernel, Grid grid, MemorySegment parameters);

    /// Waits until everything is done.
    ///
    /// @throws IllegalStateException where a kernel failed, with its name
    void synchronize();
}
