package org.lehr.engine.schedule;

import java.util.List;

/// Through given numbers at given steps, from each to the next in the shape `shape` (on the way up the same shape
/// upside down). Stays at the last one.
///
/// @param first the number at step 0
/// @param steps where the others are, above 0 and rising
/// @param values the others
public record Interpolated(double first, List<Long> steps, List<Double> values, Profile shape) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of("interpolate", "through given numbers", terms -> {
                List<Double> values = terms.levels("values");
                List<Double> others = values.subList(1, values.size());
                return new Interpolated(values.getFirst(), terms.counts("at"), others, terms.shape("shape"));
            })
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.OWN_WARM_UP)
            .option("at", "0.3/1", "steps of the numbers after the first")
            .option("values", "0.1/1/0", "the numbers, as shares of the peak")
            .option("shape", "linear", "way from one to the next")
            .like("optax", "piecewise_interpolate_schedule")
            .like("megatron", "weight-decay cosine", "at=1,values=0.1/1,shape=cosine");

    public Interpolated {
        steps = List.copyOf(steps);
        values = List.copyOf(values);
        Require.value("interpolate", "first", first);
        Require.rising("interpolate", "steps", steps);
        for (double value : values) {
            Require.value("interpolate", "values", value);
        }
        if (values.size() != steps.size()) {
            throw new IllegalArgumentException("interpolate: expected a number for each step, got " + values.size()
                    + " numbers after the first and " + steps.size() + " steps");
        }
        double before = first;
        for (double value : values) {
            Require.shape("interpolate", shape, before, value);
            before = value;
        }
    }

    @Override
    public double at(long step) {
        Require.step("interpolate", step);
        long from = 0;
        double before = first;
        for (int i = 0; i < steps.size(); i++) {
            long to = steps.get(i);
            if (step < to) {
                return shape.between(before, values.get(i), (double) (step - from) / (to - from));
            }
            from = to;
            before = values.get(i);
        }
        return before;
    }
}
