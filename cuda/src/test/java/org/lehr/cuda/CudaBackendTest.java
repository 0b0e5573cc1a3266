package org.lehr.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.lehr.kernels.Backend;

class CudaBackendTest {

    private static CudaBackend with(Error error) {
        return new CudaBackend(new Driver(() -> {
            throw error;
        }));
    }

    @Test
    void isFoundAsAService() {
        assertTrue(ServiceLoader.load(Backend.class).stream().anyMatch(found -> found.type() == CudaBackend.class));
    }

    @Test
    void saysOnThisMachineInOneLineWhyItIsNotUsable() {
        String reason = new CudaBackend().unusableBecause().orElseThrow();
        assertFalse(reason.isBlank());
        assertEquals(1, reason.lines().count(), reason);
    }

    @Test
    void namesTheLibraryWhereThereIsNoDriver() {
        CudaBackend backend = with(new UnsatisfiedLinkError("""
                Error while loading native library "JCudaDriver"
                java.lang.UnsatisfiedLinkError: no JCudaDriver in java.library.path: /usr/lib
                java.lang.UnsatisfiedLinkError: libJCudaDriver.so: libcuda.so.1: cannot open shared object file
                \tat java.base/jdk.internal.loader.NativeLibraries.load(Native Method)
                """));
        assertEquals(
                "no NVIDIA driver found (libcuda.so.1: cannot open shared object file)",
                backend.unusableBecause().orElseThrow());
        assertEquals(backend.unusableBecause().orElseThrow(), backend.description());
    }

    @Test
    void saysThatTheNativesAreMissing() {
        assertEquals(
                "the binding to the NVIDIA driver (jcuda-natives) for this system is not on the class path",
                with(new UnsatisfiedLinkError("java.io.IOException: No resource found with name 'libJCudaDriver.so'"))
                        .unusableBecause()
                        .orElseThrow());
    }

    @Test
    void reportsABrokenBinding() {
        assertEquals(
                "the binding to the NVIDIA driver cannot be loaded: jcuda/driver/JCudaDriver",
                with(new NoClassDefFoundError("jcuda/driver/JCudaDriver"))
                        .unusableBecause()
                        .orElseThrow());
    }

    @Test
    void reportsADriverWithoutDevice() {
        CudaBackend backend = new CudaBackend(new Driver(() -> {
            throw new IllegalStateException("the NVIDIA driver reports no usable device: none");
        }));
        assertEquals(
                "the NVIDIA driver reports no usable device: none",
                backend.unusableBecause().orElseThrow());
    }

    @Test
    void asksTheDriverOnce() {
        int[] asked = {0};
        CudaBackend backend = new CudaBackend(new Driver(() -> {
            throw new IllegalStateException("no device at attempt " + ++asked[0]);
        }));
        assertEquals("no device at attempt 1", backend.description());
        assertEquals("no device at attempt 1", backend.description());
    }

    @Test
    void everyFamilyFailsWithTheReason() {
        CudaBackend backend = with(new UnsatisfiedLinkError("gone"));
        List<Executable> families = List.of(
                backend::pointwise,
                backend::reductions,
                backend::matmuls,
                backend::normalizations,
                backend::attention,
                backend::indexing,
                backend::losses,
                backend::updates,
                backend::randoms,
                () -> backend.allocate(64, "weights"));
        for (Executable family : families) {
            IllegalStateException e = assertThrows(IllegalStateException.class, family);
            assertTrue(
                    e.getMessage().endsWith("the binding to the NVIDIA driver cannot be loaded: gone"), e.getMessage());
        }
    }
}
