package org.lehr.engine.optim.wrapper;

import java.util.List;
import java.util.Map;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.WrappedOptimizer;
import org.lehr.engine.optim.Wrapper;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// Sharpness-aware minimisation: the gradient is taken where the loss is highest near the weights, `p + ρ·g/‖g‖`
/// (Foret et al. 2021), or with `adaptive`, near in proportion to each weight, `p + ρ·p²g/‖|p|g‖` (Kwon et al.
/// 2021). With `alpha`, the part of the plain gradient that is orthogonal to it is subtracted (surrogate gap;
/// Zhuang et al. 2022). A step asks for the loss. No state; a copy of the parameters during a step.
///
/// @param rho ρ
/// @param adaptive whether the neighbourhood follows the weights
/// @param alpha how much of the orthogonal part is subtracted
public record Sam(
        @Default("0.05") double rho,
        @Default("false") boolean adaptive,
        @Default("0") double alpha) implements Wrapper {

    public Sam {
        if (!(rho > 0) || !(alpha >= 0)) {
            throw new IllegalArgumentException(
                    "sam: needs rho above 0 and alpha of at least 0, got " + rho + " and " + alpha);
        }
    }

    @Override
    public Recipe around(Recipe inner) {
        return (groups, format) -> new Running(this, inner.over(groups, format));
    }

    private static final class Running extends WrappedOptimizer {

        private final Sam form;

        Running(Sam form, Optimizer inner) {
            super(inner, List.of());
            if (inner.demand() == Demand.LOSS) {
                throw new IllegalArgumentException("sam: needs gradients, and the inner optimizer takes none");
            }
            this.form = form;
        }

        @Override
        public Demand demand() {
            return Demand.EVALUATION;
        }

        @Override
        public void step(double gradientScale, Evaluation evaluation) {
            Evaluation loss = required("sam", evaluation);
            Uphill uphill = new Uphill(groups());
            try (var _ = Scope.open()) {
                Map<Parameter, Tensor> plain = form.alpha > 0 ? uphill.copies(gradientScale) : Map.of();
                double scale = uphill.gradients(form.rho, form.adaptive, loss);
                if (form.alpha > 0) {
                    subtractOrthogonal(uphill, plain, scale);
                }
                inner().step(scale, evaluation);
            }
        }

        /// `g ← g − α·(plain − (plain·g)/(g·g)·g)` for gradients that `scale` multiplies.
        private void subtractOrthogonal(Uphill uphill, Map<Parameter, Tensor> plain, double scale) {
            double along = uphill.along(plain);
            uphill.each(parameter -> {
                Tensor before = plain.get(parameter);
                if (before != null) {
                    Tensor g = parameter.gradient();
                    Tensor orthogonal = before.sub(g.mul(along)).mul(form.alpha / scale);
                    parameter.own().setGradient(g.sub(orthogonal));
                }
            });
        }
    }
}
