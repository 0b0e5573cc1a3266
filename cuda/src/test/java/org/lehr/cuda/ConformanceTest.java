package org.lehr.cuda;

import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.kernels.Backend;

/// Every case on the processor and on the kernels of the device, run by the machine that interprets their PTX.
class ConformanceTest {

    private static final Backend CPU = ServiceLoader.load(Backend.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(backend -> backend.name().equals("cpu"))
            .findFirst()
            .orElseThrow();

    private static final Backend MACHINE = new CudaBackend(new Driver(() -> new PtxAccelerator(1L << 30)));

    @TestFactory
    Stream<DynamicTest> agreesWithTheProcessor() {
        return Stream.of(
                        PointwiseCases.all(),
                        RowCases.all(),
                        ReductionCases.all(),
                        MatrixCases.all(),
                        SequenceCases.all())
                .flatMap(List::stream)
                .map(each -> DynamicTest.dynamicTest(each.toString(), () -> each.compare(CPU, MACHINE)));
    }
}
