package org.lehr.engine.optim.wrapper;

import java.util.List;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.Values;
import org.lehr.engine.optim.WrappedOptimizer;
import org.lehr.engine.optim.Wrapper;
import org.lehr.engine.optim.transform.Hyperparameter;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Norm;
import org.lehr.engine.tensor.op.Where;
import org.lehr.kernels.memory.Scope;

/// A proximal step on the path norm `Σₖ ‖vₖ‖·‖wₖ‖` of a layer of ReLU units after every step of the inner optimizer
/// (Parhi, Nowak 2023; Yang et al. 2022), `wₖ` a unit's row of incoming weights and `vₖ` its column of outgoing
/// ones. It is what weight decay penalises at its optimum, and makes units exactly zero.
///
/// With `a = ‖w‖`, `b = ‖v‖` and `τ = rate·strength`, the minimum of `½(x − a)² + ½(y − b)² + τxy` over `x, y ≥ 0`:
/// `((a − τb)/(1 − τ²), (b − τa)/(1 − τ²))` where both are above 0; else the smaller one becomes 0.
///
/// @param incoming path of the weights `[units, in]`
/// @param outgoing path of the weights `[out, units]`
/// @param strength of the penalty
public record PathNorm(
        @Default("0.weight") String incoming,
        @Default("2.weight") String outgoing,
        @Default("1e-3") Schedule strength) implements Wrapper {

    @Override
    public Recipe around(Recipe inner) {
        return (groups, format) -> new Running(this, inner.over(groups, format));
    }

    /// `Σₖ ‖vₖ‖·‖wₖ‖`. `incoming [units, in], outgoing [out, units]`
    public static double of(Tensor incoming, Tensor outgoing) {
        return Norms.dot(
                Norm.norm(incoming, 2, true, 1).reshape(-1),
                Norm.norm(outgoing, 2, true, 0).reshape(-1));
    }

    private static final class Running extends WrappedOptimizer {

        private final PathNorm form;

        Running(PathNorm form, Optimizer inner) {
            super(inner, List.of());
            this.form = form;
            Tensor w = find(form.incoming).own();
            Tensor v = find(form.outgoing).own();
            if (w.rank() != 2 || v.rank() != 2 || w.extent(0) != v.extent(1)) {
                throw new IllegalArgumentException(
                        "pathnorm: expected [units, in] and [out, units], got " + w.shape() + " and " + v.shape());
            }
        }

        private Parameter find(String path) {
            return groups().stream()
                    .filter(group -> group.parameters().containsKey(path))
                    .map(group -> group.parameters().get(path))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("pathnorm: no parameter '" + path + "'"));
        }

        @Override
        public void step(double gradientScale, Evaluation evaluation) {
            double strength = Hyperparameter.amount("pathnorm: the strength", form.strength.at(steps()));
            double tau = rate() * strength;
            if (tau >= 1) {
                throw new IllegalArgumentException("pathnorm: rate times strength must be below 1, got " + tau);
            }
            inner().step(gradientScale, evaluation);
            Recording.off(() -> {
                try (var _ = Scope.open()) {
                    shrink(tau);
                }
                return null;
            });
        }

        private void shrink(double tau) {
            Values values = Values.of(inner());
            Tensor w = values.get(form.incoming, find(form.incoming));
            Tensor v = values.get(form.outgoing, find(form.outgoing));
            Tensor a = Norm.norm(w, 2, true, 1).reshape(-1);
            Tensor b = Norm.norm(v, 2, true, 0).reshape(-1);
            Tensor x = shorter(a, b, tau);
            Tensor y = shorter(b, a, tau);
            values.set(form.incoming, find(form.incoming), w.mul(ratio(x, a).unsqueeze(1)));
            values.set(form.outgoing, find(form.outgoing), v.mul(ratio(y, b).unsqueeze(0)));
        }

        private static Tensor shorter(Tensor a, Tensor b, double tau) {
            Tensor zero = a.scalarLike(0);
            Tensor mine = a.sub(b.mul(tau));
            Tensor other = b.sub(a.mul(tau));
            Tensor both = mine.div(1 - tau * tau);
            return Where.where(mine.greater(zero), Where.where(other.greater(zero), both, a), zero);
        }

        private static Tensor ratio(Tensor x, Tensor a) {
            return Where.where(a.greater(a.scalarLike(0)), x.div(a), a.scalarLike(0));
        }
    }
}
