package org.lehr.cuda;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/// The first device of the NVIDIA driver, in its primary context and with one stream.
///
/// Stands with JCuda behind [Accelerator], so that the rest loads where JCuda is missing.
final class DriverAccelerator implements Accelerator {

    /// Bytes that pass through pinned memory at a time.
    private static final int STAGING = 4 << 20;

    /// Shared memory that a kernel may use without asking.
    private static final int USUAL_SHARED = 48 << 10;

    /// What knows the version of PTX that the kernels are in.
    private static final int OLDEST_CUDA = 11_000;

    private static final int OLDEST_ARCHITECTURE = 80;

    private record DriverKernel(String name, CUfunction function) implements Kernel {}

    private record DriverModule(String name, CUmodule module) implements CompiledModule {

        @Override
        public Kernel kernel(String kernel) {
            CUfunction function = new CUfunction();
            try {
                JCudaDriver.cuModuleGetFunction(function, module, kernel);
            } catch (CudaException e) {
                throw new IllegalArgumentException("cuda: no kernel " + kernel + " in " + name, e);
            }
            return new DriverKernel(kernel, function);
        }
    }

    /// Memory of the device, which JCuda's own class keeps the address of to itself.
    private static final class Allocation extends CUdeviceptr {

        private long address() {
            return getNativePointer();
        }
    }

    private final Map<Long, Allocation> allocations = new HashMap<>();
    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final CUstream stream = new CUstream();
    private final Pointer pinned = new Pointer();
    private final ByteBuffer staging;
    private final String description;
    private final int architecture;
    private final long memory;

    /// @throws IllegalStateException where the driver knows of no device
    DriverAccelerator() {
        JCudaDriver.setExceptionsEnabled(true);
        try {
            JCudaDriver.cuInit(0);
            int[] version = new int[1];
            JCudaDriver.cuDriverGetVersion(version);
            if (version[0] < OLDEST_CUDA) {
                throw new IllegalStateException(
                        "the NVIDIA driver is too old: it knows CUDA %d.%d, expected 11.0 or newer"
                                .formatted(version[0] / 1000, version[0] % 1000 / 10));
            }
            JCudaDriver.cuDeviceGet(device, 0);
            JCudaDriver.cuDevicePrimaryCtxRetain(context, device);
            JCudaDriver.cuCtxSetCurrent(context);
            JCudaDriver.cuStreamCreate(stream, 0);
            JCudaDriver.cuMemAllocHost(pinned, STAGING);
            staging = pinned.getByteBuffer(0, STAGING).order(ByteOrder.nativeOrder());
            int major = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
            int minor = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
            byte[] name = new byte[256];
            JCudaDriver.cuDeviceGetName(name, name.length, device);
            long[] bytes = new long[1];
            JCudaDriver.cuDeviceTotalMem(bytes, device);
            memory = bytes[0];
            architecture = 10 * major + minor;
            description = "%s, compute capability %d.%d, %d GiB".formatted(untilZero(name), major, minor, memory >> 30);
            if (architecture < OLDEST_ARCHITECTURE) {
                throw new IllegalStateException("the device is too old: " + description + ", expected 8.0 or newer");
            }
        } catch (CudaException e) {
            throw new IllegalStateException("the NVIDIA driver reports no usable device: " + e.getMessage(), e);
        }
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public int architecture() {
        return architecture;
    }

    @Override
    public long memory() {
        return memory;
    }

    @Override
    public synchronized long allocate(long bytes) {
        Allocation memory = new Allocation();
        JCudaDriver.cuCtxSetCurrent(context);
        try {
            JCudaDriver.cuMemAlloc(memory, bytes);
        } catch (CudaException e) {
            if (e.getMessage().contains(CUresult.stringFor(CUresult.CUDA_ERROR_OUT_OF_MEMORY))) {
                return 0;
            }
            throw failed("allocate " + bytes + " bytes", e);
        }
        allocations.put(memory.address(), memory);
        return memory.address();
    }

    @Override
    public synchronized void free(long address) {
        // Waits for all that still works on it.
        ask("free", () -> JCudaDriver.cuMemFree(allocations.remove(address)));
    }

    @Override
    public synchronized void copyIn(long to, MemorySegment from) {
        for (long done = 0; done < from.byteSize(); done += STAGING) {
            long bytes = Math.min(STAGING, from.byteSize() - done);
            MemorySegment.ofBuffer(staging).asSlice(0, bytes).copyFrom(from.asSlice(done, bytes));
            long target = to + done;
            ask("copy to the device", () -> {
                JCudaDriver.cuMemcpyHtoDAsync(pointer(target), pinned, bytes, stream);
                JCudaDriver.cuStreamSynchronize(stream);
            });
        }
    }

    @Override
    public synchronized void copyOut(MemorySegment to, long from) {
        for (long done = 0; done < to.byteSize(); done += STAGING) {
            long bytes = Math.min(STAGING, to.byteSize() - done);
            long source = from + done;
            ask("copy from the device", () -> {
                JCudaDriver.cuMemcpyDtoHAsync(pinned, pointer(source), bytes, stream);
                JCudaDriver.cuStreamSynchronize(stream);
            });
            to.asSlice(done, bytes).copyFrom(MemorySegment.ofBuffer(staging).asSlice(0, bytes));
        }
    }

    @Override
    public synchronized void copy(long to, long from, long bytes) {
        ask("copy on the device", () -> JCudaDriver.cuMemcpyDtoDAsync(pointer(to), pointer(from), bytes, stream));
    }

    @Override
    public synchronized CompiledModule load(String name, String ptx) {
        CUmodule module = new CUmodule();
        byte[] text = (ptx + "\0").getBytes(StandardCharsets.US_ASCII);
        ask("load " + name, () -> JCudaDriver.cuModuleLoadData(module, text));
        return new DriverModule(name, module);
    }

    @Override
    public synchronized void launch(Kernel kernel, Grid grid, MemorySegment parameters) {
        CUfunction function = ((DriverKernel) kernel).function();
        ask(kernel.name(), () -> {
            if (grid.shared() > USUAL_SHARED) {
                JCudaDriver.cuFuncSetAttribute(
                        function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, grid.shared());
            }
            JCudaDriver.cuLaunchKernel(
                    function,
                    grid.x(),
                    grid.y(),
                    grid.z(),
                    grid.threads(),
                    1,
                    1,
                    grid.shared(),
                    stream,
                    Pointer.to(Pointer.to(parameters.asByteBuffer())),
                    null);
        });
    }

    @Override
    public synchronized void synchronize() {
        ask("synchronize", () -> JCudaDriver.cuStreamSynchronize(stream));
    }

    private void ask(String what, Runnable request) {
        try {
            JCudaDriver.cuCtxSetCurrent(context);
            request.run();
        } catch (CudaException e) {
            throw failed(what, e);
        }
    }

    private static IllegalStateException failed(String what, CudaException e) {
        return new IllegalStateException("cuda: " + what + ": " + e.getMessage(), e);
    }

    private int attribute(int attribute) {
        int[] value = new int[1];
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device);
        return value[0];
    }

    private static CUdeviceptr pointer(long address) {
        return new CUdeviceptr().withByteOffset(address);
    }

    private static String untilZero(byte[] name) {
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return new String(name, 0, length, StandardCharsets.US_ASCII);
    }
}
