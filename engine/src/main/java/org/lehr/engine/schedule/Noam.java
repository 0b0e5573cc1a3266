package org.lehr.engine.schedule;

/// `peak·min(s/warm, √(warm/s))` with `s = step + 1`: up along a line, then like an inverse square root (Vaswani et
/// al. 2017).
///
/// Theirs, `factor·width^−½·min(s^−½, s·warm^−³ᐟ²)`, has the peak `factor·(width·warm)^−½`.
public record Noam(double peak, long warm) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "noam", "up along a line, then like an inverse square root", terms -> {
                        long usual = terms.warmUp() > 0 ? terms.warmUp() : Math.max(1, terms.length() / 10);
                        return new Noam(terms.peak(), terms.has("rise") ? terms.count("rise") : usual);
                    })
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.OWN_WARM_UP)
            .option("rise", "", "steps up; else the warm-up, or a tenth of the run")
            .like("burn", "noam");

    public Noam {
        Require.value("noam", "peak", peak);
        Require.steps("noam", "warm", warm);
    }

    @Override
    public double at(long step) {
        double s = Require.step("noam", step) + 1.0;
        return peak * Math.min(s / warm, Math.sqrt(warm / s));
    }
}
