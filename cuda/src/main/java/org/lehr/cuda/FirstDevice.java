package org.lehr.cuda;

import java.nio.charset.StandardCharsets;
import jcuda.CudaException;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/// Asks the driver for its first device. Stands alone, so that the rest loads where JCuda is missing.
final class FirstDevice {

    private FirstDevice() {}

    /// The first device in words.
    ///
    /// @throws IllegalStateException where the driver knows of none
    static String describe() {
        try {
            return ask();
        } catch (CudaException e) {
            throw new IllegalStateException("the NVIDIA driver reports no usable device: " + e.getMessage(), e);
        }
    }

    private static String ask() {
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
