package org.lehr.engine.schedule.control;

import java.util.Map;
import java.util.SequencedMap;
import java.util.function.DoubleConsumer;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleTerms;

/// A controller that is told a loss: of every training step, or of a validation after every so many.
///
/// @param controller what is told
/// @param observe tells it
/// @param validation whether it is told losses on held-out data
/// @param every steps from validation to validation
record Measured(Controller controller, DoubleConsumer observe, boolean validation, long every) implements Listener {

    /// `base` times the controller.
    static Controlled factor(Schedule base, Controller controller, DoubleConsumer observe, ScheduleTerms terms) {
        Listener listener = new Measured(controller, observe, isValidation(terms), terms.count("every"));
        return new Controlled(base.times(controller.schedule()), listener);
    }

    /// Measurements of which the controller has to take the mean itself.
    static long window(ScheduleTerms terms) {
        return isValidation(terms) ? 1 : terms.count("every");
    }

    static Improvement improvement(ScheduleTerms terms) {
        return new Improvement(true, terms.number("threshold"), true);
    }

    private static boolean isValidation(ScheduleTerms terms) {
        return switch (terms.text("on")) {
            case "train" -> false;
            case "validation" -> true;
            default -> throw terms.refused("on must be train or validation, got '" + terms.text("on") + "'", null);
        };
    }

    @Override
    public void trained(long step, double loss) {
        if (!validation) {
            observe.accept(loss);
        }
    }

    @Override
    public boolean wantsValidation(long step) {
        return validation && step % every == 0;
    }

    @Override
    public void validated(long step, double loss) {
        if (wantsValidation(step)) {
            observe.accept(loss);
        }
    }

    @Override
    public SequencedMap<String, Double> state() {
        return controller.state();
    }

    @Override
    public void restore(Map<String, Double> state) {
        controller.restore(state);
    }
}
