package org.lehr.kernels.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("widths")
class LanesTest {

    @Test
    void widthIsForcedByTheProperty() {
        String forced = System.getProperty("lehr.vector.bits");
        if (forced != null) {
            assertEquals(Integer.parseInt(forced), Lanes.bits());
        }
        assertEquals(Lanes.available(), Lanes.bits() >= 128);
    }

    @Test
    void laneCountsOfHalfAndFullTypesMatch() {
        if (Lanes.available()) {
            assertEquals(Lanes.bits() / 32, Species.F32.length());
            assertEquals(Lanes.bits() / 64, Species.F64.length());
            assertEquals(Species.F32.length(), Species.I32.length());
            assertEquals(Species.F32.length(), Species.I16_HALF.length());
            assertEquals(Species.F64.length(), Species.I64.length());
            assertEquals(Species.F64.length(), Species.F32_HALF.length());
            assertEquals(Species.F64.length(), Species.I32_HALF.length());
        } else {
            assertEquals(0, Lanes.bits());
        }
    }

    @Test
    void missingModuleIsToldOnceWithItsRemedy() {
        ForkedJvm.Result result = ForkedJvm.run(Describe.class, List.of());
        assertEquals(0, result.exitCode(), result::output);
        assertTrue(result.output().contains("false 0 scalar (start java with --add-modules"), result::output);
        String[] told = result.output().split("Vector instructions are off", -1);
        assertEquals(2, told.length, result::output);
        assertTrue(told[1].contains("--add-modules jdk.incubator.vector"), result::output);
    }

    @Test
    void switchingOffIsQuiet() {
        ForkedJvm.Result result = ForkedJvm.run(Describe.class, List.of(ForkedJvm.VECTOR_MODULE, "-Dlehr.vector=off"));
        assertTrue(result.output().contains("false 0 scalar (by -Dlehr.vector=off)"), result::output);
        assertFalse(result.output().contains("Vector instructions are off"), result::output);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void anyWidthCanBeForced(int bits) {
        ForkedJvm.Result result =
                ForkedJvm.run(Describe.class, List.of(ForkedJvm.VECTOR_MODULE, "-Dlehr.vector.bits=" + bits));
        assertTrue(
                result.output().contains("true " + bits + " " + bits + " bits (by -Dlehr.vector.bits)"),
                result::output);
    }

    @ParameterizedTest
    @CsvSource({
        "-Dlehr.vector.bits=300, 'lehr.vector.bits: expected 128, 256 or 512, got ''300'''",
        "-Dlehr.vector=no, 'lehr.vector: expected on or off, got ''no'''"
    })
    void meaninglessValuesAreErrors(String option, String message) {
        ForkedJvm.Result result = ForkedJvm.run(Describe.class, List.of(ForkedJvm.VECTOR_MODULE, option));
        assertEquals(1, result.exitCode(), result::output);
        assertTrue(result.output().contains("IllegalArgumentException: " + message), result::output);
    }

    static final class Describe {

        private Describe() {}

        public static void main(String[] arguments) {
            System.err.println(Lanes.available() + " " + Lanes.bits() + " " + Lanes.description());
        }
    }
}
