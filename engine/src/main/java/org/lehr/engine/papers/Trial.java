package org.lehr.engine.papers;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// How a study is to be run.
///
/// @param seeds how often it is repeated, at least three times
/// @param quick whether seconds must do, at the price of rougher numbers
/// @param method whether the method is on; when off, the study must fail
/// @param log what hears of the progress
public record Trial(int seeds, boolean quick, boolean method, Consumer<String> log) {

    /// The least number of seeds from which something can be concluded.
    public static final int LEAST_SEEDS = 3;

    public Trial {
        if (seeds < LEAST_SEEDS) {
            throw new IllegalArgumentException("study: needs at least " + LEAST_SEEDS + " seeds, got " + seeds);
        }
    }

    /// `full`, or `quick` where seconds must do.
    public int pick(int full, int quick) {
        return this.quick ? quick : full;
    }

    /// The seeds.
    public List<Long> each() {
        return LongStream.rangeClosed(1, seeds).boxed().toList();
    }

    /// A number for each seed.
    public Sample sample(LongToDoubleFunction of) {
        return new Sample(each().stream().mapToDouble(of::applyAsDouble).toArray());
    }

    /// Numbers of which each seed gives as many, in the same order.
    public List<Sample> samples(LongFunction<double[]> of) {
        List<double[]> found = each().stream()
                .map(seed -> {
                    double[] numbers = of.apply(seed);
                    say("seed " + seed);
                    return numbers;
                })
                .toList();
        return IntStream.range(0, found.getFirst().length)
                .mapToObj(i -> new Sample(
                        found.stream().mapToDouble(numbers -> numbers[i]).toArray()))
                .toList();
    }

    /// Tells how far the work has come.
    public void say(String progress) {
        log.accept(progress);
    }
}
