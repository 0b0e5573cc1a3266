package org.lehr.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.lehr.kernels.Backend;
import org.lehr.kernels.lanes.ForkedJvm;
import org.lehr.kernels.memory.Storage;

class CpuBackendTest {

    @Test
    void isFoundAsAService() {
        List<Backend> found = ServiceLoader.load(Backend.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(backend -> backend.name().equals("cpu"))
                .toList();
        assertEquals(1, found.size());
        assertEquals(Optional.empty(), found.getFirst().unusableBecause());
    }

    @Test
    void describesTheMachine() {
        String description = new CpuBackend().description();
        for (String part : List.of("vectors: ", "threads: ", "memory limit: ", System.getProperty("java.vm.name"))) {
            assertTrue(description.contains(part), description);
        }
    }

    @Test
    void describesWhatWasForced() {
        ForkedJvm.Result result =
                ForkedJvm.run(Describe.class, List.of("-Dlehr.vector=off", "-Dlehr.threads=3", "-Dlehr.memory=1g"));
        for (String part : List.of("vectors: scalar", "threads: 3", "memory limit: 1.0 GiB")) {
            assertTrue(result.output().contains(part), result::output);
        }
    }

    @Test
    void allocatesFromTheHostPool() {
        Storage storage = new CpuBackend().allocate(100, "test");
        assertEquals(100, storage.byteSize());
        storage.release();
    }

    @Test
    void everyFamilyIsThere() throws ReflectiveOperationException {
        Backend backend = new CpuBackend();
        int families = 0;
        for (Method method : Backend.class.getMethods()) {
            if (method.getReturnType().getSimpleName().endsWith("Kernels")) {
                assertNotNull(method.invoke(backend), method.getName());
                families++;
            }
        }
        assertTrue(families >= 10, "only " + families + " families were found");
    }

    static final class Describe {

        private Describe() {}

        public static void main(String[] arguments) {
            System.err.println(new CpuBackend().description());
        }
    }
}
