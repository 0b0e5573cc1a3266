package org.lehr.engine.optim.wrapper;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.WrappedOptimizer;
import org.lehr.engine.optim.Wrapper;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.tensor.Recording;
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
            try (var _ = Scope.open()) {
                Map<Parameter, Tensor> values = new IdentityHashMap<>();
                Map<Parameter, Tensor> plain = new IdentityHashMap<>();
                double norm = norm();
                // At a flat place there is no uphill: the gradient there is the gradient here.
                double factor = norm == 0 ? 0 : form.rho / norm;
                each((_, parameter) -> {
                    Tensor own = parameter.own().detach();
                    Tensor gradient = parameter.gradient();
                    Tensor kept = own.mul(1);
                    kept.storage().complete();
                    values.put(parameter, kept);
                    if (form.alpha > 0) {
                        plain.put(parameter, gradient.mul(gradientScale));
                        plain.get(parameter).storage().complete();
                    }
                    Tensor uphill = form.adaptive ? own.square().mul(gradient) : gradient;
                    parameter.set(own.add(uphill.mul(factor)));
                });
                double scale = loss.gradients().scale();
                each((_, parameter) -> {
                    if (values.containsKey(parameter)) {
                        parameter.set(values.get(parameter));
                    }
                });
                if (form.alpha > 0) {
                    subtractOrthogonal(plain, scale);
                }
                inner().step(scale, evaluation);
            }
        }

        private void each(Each work) {
            groups().forEach(group -> group.parameters()
                    .forEach((path, parameter) -> Recording.off(() -> {
                        if (parameter.gradient() != null) {
                            work.accept(path, parameter);
                        }
                        return null;
                    })));
        }

        private double norm() {
            double[] sum = new double[1];
            each((_, parameter) -> {
                Tensor g = parameter.gradient();
                double length =
                        Norms.two(form.adaptive ? parameter.own().detach().mul(g) : g);
                sum[0] += length * length;
            });
            return Math.sqrt(sum[0]);
        }

        /// `g ← g − α·(plain − (plain·g)/(g·g)·g)` for gradients that `scale` multiplies.
        private void subtractOrthogonal(Map<Parameter, Tensor> plain, double scale) {
            double[] sums = new double[2];
            each((_, parameter) -> {
                Tensor g = parameter.gradient();
                sums[0] += plain.containsKey(parameter) ? Norms.dot(plain.get(parameter), g) : 0;
                sums[1] += Norms.dot(g, g);
            });
            double along = sums[1] == 0 ? 0 : sums[0] / sums[1];
            each((_, parameter) -> {
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
