package org.lehr.kernels.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/// Repeats every kernel test with vectors of 128, 256 and 512 bits, and without the vector module; the width that this
/// virtual machine has itself is left out, since the tests run here anyway.
///
/// A test takes part by the tag `widths` on its class: `@Tag("widths")` of JUnit, or `@net.jqwik.api.Tag("widths")` for
/// jqwik properties. It must not touch the Vector API itself, since one of the runs has none.
class WidthsTest {

    static final String TAG = "widths";

    @ParameterizedTest
    @MethodSource("otherWidths")
    void kernelTestsPass(String width) throws URISyntaxException {
        List<String> options = new ArrayList<>(List.of("-Xmx2g", "-XX:+UseSerialGC", "-Dlehr.memory=2g"));
        if (!width.equals("absent")) {
            options.add(ForkedJvm.VECTOR_MODULE);
            options.add("-Dlehr.vector.bits=" + width);
        }
        Path classes = Path.of(WidthsTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        ForkedJvm.Result result = ForkedJvm.run(TaggedTests.class, options, classes.toString());
        assertEquals(0, result.exitCode(), () -> "with width " + width + ":\n" + result.output());
        assertTrue(result.output().contains(TaggedTests.PASSED), result::output);
    }

    static List<String> otherWidths() {
        String own = Lanes.available() ? String.valueOf(Lanes.bits()) : "absent";
        return Stream.of("128", "256", "512", "absent")
                .filter(width -> !width.equals(own))
                .toList();
    }

    /// Runs the tagged tests below a folder of classes; the exit code is 1 when one fails or none is found.
    static final class TaggedTests {

        static final String PASSED = "tests passed";

        private TaggedTests() {}

        public static void main(String[] arguments) {
            LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                    .selectors(DiscoverySelectors.selectClasspathRoots(Set.of(Path.of(arguments[0]))))
                    .filters(TagFilter.includeTags(TAG))
                    .build();
            SummaryGeneratingListener listener = new SummaryGeneratingListener();
            LauncherFactory.create().execute(request, listener);
            TestExecutionSummary summary = listener.getSummary();
            summary.getFailures().forEach(failure -> {
                System.err.println(failure.getTestIdentifier().getDisplayName());
                failure.getException().printStackTrace();
            });
            System.err.println(summary.getTestsSucceededCount() + " " + PASSED);
            System.exit(summary.getTotalFailureCount() > 0 || summary.getTestsSucceededCount() == 0 ? 1 : 0);
        }
    }
}
