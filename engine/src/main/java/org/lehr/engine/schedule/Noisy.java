package org.lehr.engine.schedule;

import java.util.Objects;

/// Another schedule times `1 + deviation·z` with a normal `z` for each step, kept between 0 and twice the number. The
/// same seed and step give the same `z`, whatever was asked before.
public record Noisy(Schedule schedule, double deviation, long seed) implements Schedule {

    static final CodeEntry ENTRY = CodeEntry.of(
                    "noisy", "any schedule with random factors; in specifications the option noise", Noisy.class)
            .like("timm", "lr_noise");

    public Noisy {
        Objects.requireNonNull(schedule, "schedule");
        Require.value("noisy", "deviation", deviation);
    }

    @Override
    public double at(long step) {
        double number = schedule.at(step);
        double radius = Math.sqrt(-2 * StrictMath.log(1 - uniform(2 * step)));
        double normal = radius * StrictMath.cos(2 * Math.PI * uniform(2 * step + 1));
        return number * Math.clamp(1 + deviation * normal, 0, 2);
    }

    /// The number `index` of the stream of SplitMix64 (Steele, Lea, Flood 2014) that begins at the seed, in `[0,
    /// 1)`.
    private double uniform(long index) {
        long z = seed + (index + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return ((z ^ z >>> 31) >>> 11) * 0x1p-53;
    }
}
