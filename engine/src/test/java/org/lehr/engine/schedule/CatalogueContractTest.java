package org.lehr.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What every schedule that has a name promises, alone and joined with every other. A new schedule is found by its
/// declaration and needs no line here.
class CatalogueContractTest {

    private static final double PEAK = 0.8;
    private static final long[] HUGE = {1L << 31, (1L << 53) + 1, Long.MAX_VALUE - 1, Long.MAX_VALUE};

    static List<ScheduleFamily> families() {
        return ScheduleCatalogue.families();
    }

    private static ScheduleSpec spec(ScheduleFamily family) {
        return ScheduleSpec.parse(family.name());
    }

    private static Schedule build(ScheduleFamily family, long steps, long warmUp) {
        return spec(family).build(steps, PEAK, warmUp);
    }

    private static void assertNumber(double value, Object what) {
        assertTrue(value >= 0 && value < Double.POSITIVE_INFINITY, what + ": " + value);
    }

    private static double largestJump(Schedule schedule, long steps) {
        double largest = 0;
        double before = schedule.at(0);
        for (long step = 1; step < steps; step++) {
            double value = schedule.at(step);
            largest = Math.max(largest, Math.abs(value - before));
            before = value;
        }
        return largest;
    }

    @Test
    void theCatalogueIsNotEmpty() {
        assertTrue(families().size() >= 30, families().size() + " families");
    }

    @ParameterizedTest
    @MethodSource("families")
    void isFiniteAndNeverNegative(ScheduleFamily family) {
        for (long steps : new long[] {1, 2, 3, 10, 97, 1000}) {
            Schedule schedule = build(family, steps, steps / 10);
            for (long step = 0; step < 2 * steps + 10; step++) {
                assertNumber(schedule.at(step), family.name() + " at " + step);
            }
            for (long step : HUGE) {
                assertNumber(schedule.at(step), family.name() + " at " + step);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void worksForTheLongestRun(ScheduleFamily family) {
        Schedule schedule = build(family, 1L << 40, 1L << 35);
        for (long step = 0; step < 1L << 41; step = 3 * step + 1) {
            assertNumber(schedule.at(step), family.name() + " at " + step);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void refusesNegativeSteps(ScheduleFamily family) {
        Schedule schedule = build(family, 100, 0);
        assertThrows(IllegalArgumentException.class, () -> schedule.at(-1));
        assertThrows(IllegalArgumentException.class, () -> schedule.at(Long.MIN_VALUE));
    }

    @ParameterizedTest
    @MethodSource("families")
    void refusesPeaksThatAreNoNumbers(ScheduleFamily family) {
        for (double peak : new double[] {Double.NaN, -1, Double.POSITIVE_INFINITY}) {
            String message = assertThrows(
                            IllegalArgumentException.class, () -> spec(family).build(100, peak, 0))
                    .getMessage();
            assertTrue(message.contains("must"), message);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void staysContinuousWhereItSays(ScheduleFamily family) {
        if (family.promises(ScheduleFamily.Promise.CONTINUOUS)) {
            double few = largestJump(build(family, 500, 25), 500);
            double many = largestJump(build(family, 32_000, 1600), 32_000);
            assertTrue(many <= few / 4 + 1e-12, family.name() + ": jumps of " + few + " became " + many);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void fallsWhereItSays(ScheduleFamily family) {
        Schedule schedule = build(family, 500, 0);
        double before = schedule.at(0);
        for (long step = 1; family.promises(ScheduleFamily.Promise.FALLS) && step < 1000; step++) {
            double value = schedule.at(step);
            assertTrue(value <= before * (1 + 1e-15), family.name() + " rises at " + step);
            before = value;
        }
    }

    /// A run goes on from its step and its specification alone, whatever was asked before and in whatever order.
    @ParameterizedTest
    @MethodSource("families")
    void resumesWithTheSameBitsAtAnyStep(ScheduleFamily family) {
        Schedule whole = ScheduleSpec.parse(family.name() + ":noise=0.1").build(300, PEAK, 20);
        double[] values = whole.sample(300, 300);
        Random random = new Random(7);
        for (int round = 0; round < 20; round++) {
            int step = random.nextInt(300);
            Schedule resumed = ScheduleSpec.parse(
                            ScheduleSpec.parse(family.name() + ":noise=0.1").toString())
                    .build(300, PEAK, 20);
            for (int later = step; later < 300; later++) {
                assertEquals(values[later], resumed.at(later), family.name());
            }
            assertEquals(values[step], whole.at(step));
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void warmUpLeadsToItsFirstNumber(ScheduleFamily family) {
        if (!family.promises(ScheduleFamily.Promise.OWN_WARM_UP)) {
            Schedule schedule =
                    ScheduleSpec.parse(family.name() + ":warmup=20s,over=80s").build(100, PEAK, 50);
            Schedule after =
                    ScheduleSpec.parse(family.name() + ":warmup=0,over=80s").build(100, PEAK, 50);
            for (long step = 0; step < 20; step++) {
                assertEquals(after.at(0) * ((step + 1.0) / 20), schedule.at(step), 1e-15);
            }
            boolean knowsTheWarmUp = Set.of("inverse-sqrt", "wsd-s").contains(family.name());
            if (!knowsTheWarmUp) {
                for (long step = 20; step < 150; step++) {
                    assertEquals(after.at(step - 20), schedule.at(step));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void everyPairComposes(ScheduleFamily family) {
        Schedule first = build(family, 60, 5);
        for (ScheduleFamily other : families()) {
            Schedule second = build(other, 40, 4);
            Schedule joined = first.then(60, second);
            Schedule product = first.times(second);
            Schedule warmed = second.then(40, first).warmUp(7).scale(0.5).clamp(0.01, 0.3);
            Schedule repeated = joined.repeat(100);
            Schedule branch = joined.branch(80, 20, 0, Decay.COSINE);
            for (long step = 0; step < 250; step++) {
                assertEquals(step < 60 ? first.at(step) : second.at(step - 60), joined.at(step));
                assertEquals(first.at(step) * second.at(step), product.at(step));
                assertEquals(joined.at(step % 100), repeated.at(step));
                assertNumber(branch.at(step), family.name() + " and " + other.name());
                assertTrue(warmed.at(step) >= 0.01 && warmed.at(step) <= 0.3);
            }
            assertEquals(joined.at(79), branch.at(79));
            assertEquals(joined.at(80), branch.at(80), 1e-15);
            assertEquals(0, branch.at(100));
            for (Schedule composed : List.of(
                    joined,
                    product,
                    warmed,
                    repeated,
                    branch,
                    new Sampled(joined, 7),
                    new Stretched(joined, 1.5),
                    new Proportional(joined, 0, 1, 1, 0.5),
                    new Noisy(joined, 0.1, 1))) {
                for (long step : HUGE) {
                    assertNumber(composed.at(step), family.name() + " and " + other.name());
                }
                assertThrows(IllegalArgumentException.class, () -> composed.at(-1));
            }
        }
    }

    /// What both promise, everything that is made of them keeps.
    @ParameterizedTest
    @MethodSource("families")
    void compositionsKeepWhatBothPromise(ScheduleFamily family) {
        for (ScheduleFamily other : families()) {
            List<Schedule> few = compositions(family, other, 128);
            List<Schedule> many = compositions(family, other, 2048);
            for (int i = 0; i < few.size(); i++) {
                if (both(family, other, ScheduleFamily.Promise.FALLS)) {
                    Schedule composed = few.get(i);
                    for (long step = 1; step < 200; step++) {
                        assertTrue(
                                composed.at(step) <= composed.at(step - 1) * (1 + 1e-15),
                                family.name() + " and " + other.name() + ", composition " + i + " at " + step);
                    }
                }
                // A sampled schedule jumps from sample to sample, so it is the last and looked at for its fall alone.
                if (i < few.size() - 1 && both(family, other, ScheduleFamily.Promise.CONTINUOUS)) {
                    double before = largestJump(few.get(i), 128);
                    double after = largestJump(many.get(i), 2048);
                    assertTrue(
                            after <= before / 2 + 1e-12,
                            family.name() + " and " + other.name() + ", composition " + i + ": " + before + ", "
                                    + after);
                }
            }
        }
    }

    private static boolean both(ScheduleFamily one, ScheduleFamily other, ScheduleFamily.Promise promise) {
        return one.promises(promise) && other.promises(promise);
    }

    private static List<Schedule> compositions(ScheduleFamily one, ScheduleFamily other, long steps) {
        Schedule product = build(one, steps, 0).times(build(other, steps, 0));
        return List.of(
                product,
                product.scale(0.3).clamp(0.01, 0.1),
                product.branch(steps / 2, steps / 4, 0, Decay.COSINE),
                product.times(new Linear(1, 0.5, steps)),
                new Sampled(product, steps / 16));
    }

    /// Whatever is written for an option is either refused, or gives a schedule.
    @ParameterizedTest
    @MethodSource("families")
    @Timeout(20)
    void optionsAreRefusedOrWork(ScheduleFamily family) {
        String[] texts = {
            "",
            "0",
            "-0.0",
            "1",
            "-1",
            "0.5",
            "7",
            "5s",
            "0s",
            "50%",
            "-5%",
            "1e300",
            "1e-300",
            "NaN",
            "Infinity",
            "x",
            "cosine",
            "geometric",
            "0.5/0.75",
            "0.75/0.5",
            "1/2/3",
            "0/0",
            "1/",
            "64",
            "1000000000000"
        };
        for (ScheduleFamily.Option option : Stream.concat(family.options().stream(), ScheduleSpec.COMMON.stream())
                .toList()) {
            for (String text : texts) {
                String spec = family.name() + ":" + option.name() + "=" + text;
                Schedule schedule;
                try {
                    schedule = ScheduleSpec.parse(spec).build(100, PEAK, 5);
                } catch (IllegalArgumentException refusal) {
                    assertTrue(refusal.getMessage().contains(":"), spec + ": " + refusal.getMessage());
                    continue;
                } catch (UncheckedIOException noSuchFile) {
                    assertEquals("table:file=" + text, spec);
                    continue;
                }
                for (long step = 0; step < 120; step++) {
                    assertNumber(schedule.at(step), spec + " at " + step);
                }
                for (long step : HUGE) {
                    assertNumber(schedule.at(step), spec + " at " + step);
                }
            }
        }
    }

    @Test
    void everyScheduleHasAnEntry() {
        List<Schedule> built = families().stream().map(f -> build(f, 100, 0)).toList();
        Set<String> known = Stream.concat(
                        built.stream().map(Schedule::getClass),
                        ScheduleCatalogue.all().stream()
                                .filter(CodeEntry.class::isInstance)
                                .map(entry -> ((CodeEntry) entry).type()))
                .map(Class::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        // Made by families under options of theirs.
        known.add(Infinite.class.getName());
        known.add(Tabulated.class.getName());
        List<String> unknown = new ArrayList<>();
        for (JavaClass found : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.lehr.engine.schedule")) {
            if (found.isAssignableTo(Schedule.class)
                    && found.isTopLevelClass()
                    && !found.isInterface()
                    && !known.contains(found.getName())) {
                unknown.add(found.getName());
            }
        }
        assertEquals(List.of(), unknown);
    }

    /// What the systems list themselves.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "torch: LambdaLR MultiplicativeLR StepLR MultiStepLR ConstantLR LinearLR ExponentialLR PolynomialLR"
                        + " CosineAnnealingLR CosineAnnealingWarmRestarts CyclicLR OneCycleLR ReduceLROnPlateau"
                        + " SequentialLR ChainedScheduler SWALR",
                "hf: constant constant_with_warmup linear cosine cosine_with_restarts polynomial inverse_sqrt"
                        + " reduce_lr_on_plateau cosine_with_min_lr cosine_warmup_with_min_lr warmup_stable_decay greedy",
                "timm: cosine tanh step multistep plateau poly lr_noise",
                "optax: constant_schedule linear_schedule polynomial_schedule exponential_decay cosine_decay_schedule"
                        + " cosine_onecycle_schedule linear_onecycle_schedule piecewise_constant_schedule"
                        + " piecewise_interpolate_schedule sgdr_schedule warmup_constant_schedule"
                        + " warmup_cosine_decay_schedule warmup_exponential_decay_schedule join_schedules"
                        + " reduce_on_plateau inject_hyperparams",
                "pytorch_optimizer: constant step multi_step multiplicative cyclic one_cycle cosine poly linear"
                        + " ProportionScheduler cosine_annealing cosine_annealing_with_warmup"
                        + " cosine_annealing_with_warm_restart chebyshev rex warmup_stable_decay",
                "fairseq: cosine fixed inverse_sqrt manual pass_through polynomial_decay reduce_lr_on_plateau step"
                        + " tri_stage triangular",
                "megatron: constant linear cosine inverse-square-root WSD rampup-batch-size",
                "burn: constant linear cosine exponential noam step composed sequential"
            })
    void theListsOfOtherSystemsAreComplete(String list) {
        String system = list.substring(0, list.indexOf(':'));
        Set<String> known = ScheduleCatalogue.all().stream()
                .flatMap(entry -> entry.theirs().stream())
                .filter(theirs -> theirs.system().equals(system))
                .map(ScheduleEntry.Theirs::name)
                .collect(Collectors.toCollection(TreeSet::new));
        for (String name : list.substring(list.indexOf(':') + 2).split(" ")) {
            assertTrue(known.contains(name), system + "." + name);
        }
    }

    @Test
    void everyNameOfOthersIsReachable() {
        Set<String> seen = new TreeSet<>();
        for (ScheduleEntry entry : ScheduleCatalogue.all()) {
            for (ScheduleEntry.Theirs theirs : entry.theirs()) {
                assertTrue(seen.add(theirs.toString()), "twice: " + theirs);
                if (entry instanceof ScheduleFamily family) {
                    ScheduleSpec spec = ScheduleSpec.parse(theirs.toString());
                    assertEquals(family.name(), spec.name());
                    assertNumber(spec.build(100, PEAK, 0).at(50), theirs);
                } else {
                    String message = assertThrows(
                                    IllegalArgumentException.class, () -> ScheduleSpec.parse(theirs.toString()))
                            .getMessage();
                    assertTrue(message.contains("from code"), message);
                }
            }
        }
        assertFalse(seen.isEmpty());
    }
}
