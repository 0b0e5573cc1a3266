package org.lehr.engine.optim.wrapper;

import java.util.List;
import java.util.function.Supplier;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.Values;
import org.lehr.engine.optim.WrappedOptimizer;
import org.lehr.engine.optim.Wrapper;
import org.lehr.engine.optim.transform.Hyperparameter;
import org.lehr.engine.optim.transform.Noise;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Clamp;
import org.lehr.engine.tensor.op.PiecewiseConstant;

/// Neural variable risk minimisation (Xie et al. 2021): gradients are taken at weights with noise, which is drawn
/// anew for each step, and steps change the weights without it; those are what is used. State: one tensor besides.
///
/// @param deviation b, the noise's standard deviation
/// @param kind `gaussian`, `laplace` or `uniform`
/// @param seed of the noise
public record Nvrm(
        @Default("0.01") Schedule deviation,
        @Default("gaussian") String kind,
        @Default("0") long seed) implements Wrapper {

    private static final String CLEAN = "nvrm";
    private static final List<String> KINDS = List.of("gaussian", "laplace", "uniform");

    public Nvrm {
        if (!KINDS.contains(kind)) {
            throw new IllegalArgumentException(
                    "nvrm: the kind of noise must be one of " + KINDS + ", got '" + kind + "'");
        }
    }

    @Override
    public Recipe around(Recipe inner) {
        return (groups, format) -> new Running(this, inner.over(groups, format));
    }

    /// Noise of a parameter in a step, with the standard deviation of that step.
    private Tensor noise(String path, long step, Tensor like) {
        double b = Hyperparameter.amount("nvrm: the deviation", deviation.at(step));
        if (kind.equals("gaussian")) {
            return Noise.normal(seed, path, step, like).mul(b);
        }
        // In [−½, ½).
        Tensor uniform = Noise.uniform(seed, path, step, like).sub(0.5);
        if (kind.equals("uniform")) {
            return uniform.mul(2 * Math.sqrt(3) * b);
        }
        Tensor rest = Clamp.clamp(uniform.abs().mul(-2).add(1), 1e-7, 1);
        return PiecewiseConstant.sign(uniform).mul(rest.log()).mul(-b / Math.sqrt(2));
    }

    private static final class Running extends WrappedOptimizer {

        private final Nvrm form;

        Running(Nvrm form, Optimizer inner) {
            super(inner, List.of(Slot.of(CLEAN, p -> p)));
            this.form = form;
        }

        @Override
        public void step(double gradientScale, Evaluation evaluation) {
            if (steps() > 0) {
                clean();
            }
            inner().step(gradientScale, evaluation);
            Values values = Values.of(inner());
            forEach((path, parameter) -> set(CLEAN, path, values.get(path, parameter)));
            training();
        }

        private void clean() {
            Values values = Values.of(inner());
            forEach((path, parameter) -> values.set(path, parameter, slot(CLEAN, path)));
        }

        @Override
        public void training() {
            inner().training();
            if (steps() > 0 && form.deviation.at(steps()) > 0) {
                forEach((path, parameter) -> {
                    Tensor clean = slot(CLEAN, path);
                    parameter.set(clean.add(form.noise(path, steps(), clean)));
                });
            }
        }

        @Override
        public <T> T evaluating(Supplier<T> work) {
            if (steps() == 0) {
                return inner().evaluating(work);
            }
            clean();
            try {
                return inner().evaluating(work);
            } finally {
                training();
            }
        }
    }
}
