package org.lehr.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleSpecTest {

    private static Schedule build(String text) {
        return ScheduleSpec.parse(text).build(100, 2, 0);
    }

    @Test
    void buildsWhatTheNameSays() {
        assertEquals(new Constant(2), build("constant"));
        assertEquals(new Linear(2, 0, 100), build("linear"));
        assertEquals(new Linear(2, 1, 100), build("linear:floor=0.5"));
        assertEquals(new Cosine(2, 0.2, 100), build("cosine"));
        assertEquals(new Cosine(2, 0, 100), build(" cosine : floor = 0 "));
        assertEquals(new Wsd(2, 0, 0, 80, 20, Decay.ONE_MINUS_SQRT), build("wsd"));
        assertEquals(new Wsd(2, 0.2, 0, 60, 40, Decay.LINEAR), build("wsd:decay=40,shape=linear,floor=0.1"));
        assertEquals(new Polynomial(2, 0, 100, 3), build("polynomial:power=3"));
        assertEquals(new InverseSquareRoot(2, 10), build("inverse-sqrt"));
        assertEquals(new InverseSquareRoot(2, 1000), build("inverse-sqrt:timescale=1000"));
        assertEquals(new Step(2, 0.5, 25), build("step:every=0.25,factor=0.5"));
    }

    @Test
    void theWarmUpIsPartOfTheRun() {
        assertEquals(
                new WarmUp(10, new Cosine(2, 0.2, 90)),
                ScheduleSpec.parse("cosine").build(100, 2, 10));
        assertEquals(
                new WarmUp(90, new Wsd(2, 0, 0, 0, 10, Decay.ONE_MINUS_SQRT)),
                ScheduleSpec.parse("wsd").build(100, 2, 90));
        assertEquals(
                new WarmUp(7, new InverseSquareRoot(2, 7)),
                ScheduleSpec.parse("inverse-sqrt").build(100, 2, 7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"constant", "linear", "cosine", "wsd", "polynomial", "inverse-sqrt", "step", "rex"})
    void theShortestRunHasThePeak(String name) {
        Schedule schedule = ScheduleSpec.parse(name).build(1, 2, 0);
        assertEquals(2, schedule.at(0), 1e-15);
        assertEquals(name, ScheduleSpec.parse(name).toString());
    }

    @Test
    void takesTheNamesOfOthers() {
        assertEquals(new Cosine(2, 0, 100), build("hf.cosine"));
        assertEquals(new Cosine(2, 1, 100), build("hf.cosine_with_min_lr:floor=0.5"));
        assertEquals(new Step(2, 0.1, 30), build("StepLR"));
        assertEquals(new Shaped(2, 0, 100, Decay.REX), build("pytorch_optimizer.rex"));
        assertEquals(new Linear(2.0 / 3, 2, 5), build("torch.LinearLR"));
        assertEquals(new Wsd(2, 0, 0, 80, 20, Decay.EXPONENTIAL), build("megatron.wsd"));
        assertEquals("cosine:floor=0", ScheduleSpec.parse("hf.cosine").toString());
    }

    @Test
    void stepsAreStepsOrSharesOfTheRun() {
        for (String half : new String[] {"0.5", "50%", "50", "50s"}) {
            assertEquals(new Wsd(2, 0, 0, 50, 50, Decay.ONE_MINUS_SQRT), build("wsd:decay=" + half));
        }
        assertEquals(new Step(2, 0.1, 1), build("step:every=1s"));
        assertEquals(new Step(2, 0.1, 100), build("step:every=1"));
    }

    @Test
    void whatEveryScheduleTakes() {
        assertEquals(
                new WarmUp(10, 0.5, Decay.COSINE, new Linear(2, 0, 90)),
                build("linear:warmup=0.1,warmup-shape=cosine,warmup-from=0.5"));
        assertEquals(new Constant(2.0).then(20, new Linear(2, 0, 80)), build("linear:hold=20"));
        assertEquals(new Linear(2, 0, 30), build("linear:over=0.3"));
        assertEquals(new Clamped(new Linear(2, 0, 100), 0.5, Double.MAX_VALUE), build("linear:least=0.25"));
        assertEquals(new Sampled(new Linear(2, 0, 100), 10), build("linear:sample=10"));
        assertEquals(new Noisy(new Linear(2, 0, 100), 0.1, 7), build("linear:noise=0.1,noise-seed=7"));
        assertEquals(
                new Linear(2, 0, 100), ScheduleSpec.parse("linear:warmup=0").build(100, 2, 10));
    }

    @Test
    void printsWhatItReads() {
        ScheduleSpec spec = ScheduleSpec.parse("wsd:shape=cosine,decay=0.5");
        assertEquals("wsd:decay=0.5,shape=cosine", spec.toString());
        assertEquals(spec, ScheduleSpec.parse(spec.toString()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    cosin              | schedule: unknown name 'cosin'; known are chebyshev, constant, cosine
                    ChainedScheduler   | schedule: product is not a function of the step alone
                    linear_            | schedule: unknown name 'linear_'
                    constant:floor=1   | schedule constant: unknown option 'floor'; it takes warmup
                    cosine:decay=1     | schedule cosine: unknown option 'decay'; it takes floor
                    cosine:warmup=100  | schedule cosine: the warm-up must be shorter than the run of 100 steps, got 100
                    cosine:hold=100    | schedule cosine: hold leaves no step of the run of 100, got hold=100
                    levels:at=3/2      | levels: boundaries must be steps above 0 that rise, got [3, 2]
                    cosine:floor       | schedule cosine: options are written NAME=VALUE, got 'floor'
                    cosine:            | schedule cosine: options are written NAME=VALUE, got ''
                    cosine:floor=x     | schedule cosine: floor must be a number, got 'x'
                    cosine:floor=2     | schedule cosine: floor is a share of the peak, from 0 to 1, got 2.0
                    cosine:floor=NaN   | schedule cosine: floor is a share of the peak, from 0 to 1, got NaN
                    wsd:decay=0        | schedule wsd: decay must be a finite number above 0, got 0.0
                    wsd:shape=round    | schedule wsd: unknown shape 'round'; known are linear, cosine, one-minus-sqrt
                    step:factor=-1     | step: factor must be a finite number above 0, got -1.0
                    """)
    void saysWhatCouldHaveBeenWritten(String text, String message) {
        String actual =
                assertThrows(IllegalArgumentException.class, () -> build(text)).getMessage();
        assertTrue(actual.startsWith(message), actual);
    }

    @Test
    void refusesARunWithoutRoomForTheWarmUp() {
        ScheduleSpec spec = ScheduleSpec.parse("linear");
        assertThrows(IllegalArgumentException.class, () -> spec.build(10, 1, 10));
        assertThrows(IllegalArgumentException.class, () -> spec.build(0, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> spec.build(10, Double.NaN, 0));
    }
}
