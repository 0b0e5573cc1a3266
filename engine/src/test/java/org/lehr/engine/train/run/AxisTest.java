package org.lehr.engine.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AxisTest {

    @Test
    void marksRoundNumbers() {
        assertEquals(
                List.of(0.0, 0.2, 0.4, 0.6, 0.8, 1.0), Axis.linear(0, 1, 5, 0).ticks());
        assertEquals(
                List.of(-0.3, -0.2, -0.1, 0.0, 0.1),
                Axis.linear(-0.31, 0.1, 5, 0).ticks());
        assertEquals(List.of(200.0, 400.0, 600.0), Axis.linear(1, 700, 5, 1).ticks());
        assertEquals(List.of(1.0, 2.0, 3.0), Axis.linear(1, 3, 10, 1).ticks());
        assertEquals(
                List.of(0.00005, 0.0001, 0.00015, 0.0002, 0.00025, 0.0003),
                Axis.linear(0.00005, 0.0003, 5, 0).ticks());
    }

    @ParameterizedTest
    @CsvSource({"1e-9, 3e-9", "1, 1", "1e-30, 1e30", "0.4, 7", "12, 13", "5e-5, 2e5"})
    void logarithmicMarksLieWithin(double min, double max) {
        Axis axis = Axis.logarithmic(min, max);
        assertTrue(axis.ticks().size() <= 12, axis.toString());
        assertTrue(axis.ticks().stream().allMatch(tick -> tick >= axis.low() && tick <= axis.high()), axis.toString());
        assertEquals(0, axis.place(axis.low()), 1e-12);
        assertEquals(1, axis.place(axis.high()), 1e-12);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0;0",
                "1.5;1.5",
                "2.34567;2.346",
                "12345.6;12,346",
                "0.00031;3.1e-4",
                "-0.25;-0.25",
                "1000;1000",
                "9999.6;10000",
                "NaN;NaN",
                "1e20;1e20",
                "0.1;0.1",
                "-Infinity;−∞"
            })
    void numbersAreShort(double value, String text) {
        assertEquals(text, NumberText.of(value, 4));
    }

    @ParameterizedTest
    @CsvSource({
        "500, 1000, 500",
        "5000, 20000, 5k",
        "1500, 9000, 1500",
        "2500000, 3e6, 2.5M",
        "0, 1e6, 0",
        "3e-4, 1, 3e-4"
    })
    void marksAreShorter(double value, double largest, String text) {
        assertEquals(text, NumberText.tick(value, largest));
    }
}
