package org.lehr.cuda;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;
import jcuda.CudaException;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/// What the CUDA driver of this machine says about itself, or why there is none. Asked once, at the first question.
final class Driver {

    /// A driver that answers, or the sentence that says why it does not.
    private record Answer(String missing, String device) {}

    private static final Driver OF_THIS_MACHINE = new Driver(Driver::firstDevice);

    private final Supplier<String> probe;
    private Answer answer;

    /// @param probe names the device; throws what the driver's binding throws where there is none
    Driver(Supplier<String> probe) {
        this.probe = probe;
    }

    static Driver ofThisMachine() {
        return OF_THIS_MACHINE;
    }

    /// Why there is no driver, in one sentence; empty when there is one.
    Optional<String> missing() {
        return Optional.ofNullable(answer().missing());
    }

    /// The first device, as in `NVIDIA H200, compute capability 9.0, 139 GiB`.
    ///
    /// @throws IllegalStateException where there is no driver
    String device() {
        Answer found = answer();
        if (found.missing() != null) {
            throw new IllegalStateException("cuda: " + found.missing());
        }
        return found.device();
    }

    private synchronized Answer answer() {
        if (answer == null) {
            answer = ask();
        }
        return answer;
    }

    private Answer ask() {
        try {
            return new Answer(null, probe.get());
        } catch (UnsatisfiedLinkError e) {
            return new Answer("no NVIDIA driver found (libcuda.so.1): " + oneLine(e), null);
        } catch (LinkageError e) {
            return new Answer("the binding to the NVIDIA driver cannot be loaded: " + oneLine(e), null);
        } catch (CudaException e) {
            return new Answer("the NVIDIA driver reports no usable device: " + oneLine(e), null);
        }
    }

    private static String oneLine(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message.strip().lines().findFirst().orElse("");
    }

    private static String firstDevice() {
        JCudaDriver.setExceptionsEnabled(true);
        JCudaDriver.cuInit(0);
        CUdevice device = new CUdevice();
        JCudaDriver.cuDeviceGet(device, 0);
        byte[] name = new byte[256];
        JCudaDriver.cuDeviceGetName(name, name.length, device);
        long[] bytes = new long[1];
        JCudaDriver.cuDeviceTotalMem(bytes, device);
        return "%s, compute capability %d.%d, %d GiB"
                .formatted(
                        untilZero(name),
                        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                        bytes[0] >> 30);
    }

    private static int attribute(CUdevice device, int attribute) {
        int[] value = new int[1];
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device);
        return value[0];
    }

    private static String untilZero(byte[] name) {
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return new String(name, 0, length, StandardCharsets.US_ASCII);
    }
}
