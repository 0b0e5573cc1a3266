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
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Sharpness-aware minimisation at a fraction of its price (LookSAM; Liu et al. 2022): only every few steps is the
/// gradient taken uphill, at `p + ρ·g/‖g‖`. Its part `v` that is orthogonal to the plain gradient changes slowly, and
/// is
/// used in the steps between: `g + α·‖g‖/‖v‖·v`. A step asks for the loss. State: a tensor.
///
/// @param rho ρ
/// @param alpha α
/// @param every steps from one gradient uphill to the next
public record LookSam(
        @Default("0.05") double rho,
        @Default("0.7") double alpha,
        @Default("5") long every) implements Wrapper {

    private static final String ORTHOGONAL = "orthogonal";

    public LookSam {
        if (!(rho > 0) || !(alpha >= 0) || every < 1) {
            throw new IllegalArgumentException("looksam: needs rho above 0, alpha of at least 0 and every ≥ 1, got "
                    + rho + ", " + alpha + " and " + every);
        }
    }

    @Override
    public Recipe around(Recipe inner) {
        return (groups, format) -> new Running(this, inner.over(groups, format));
    }

    private static final class Running extends WrappedOptimizer {

        private final LookSam form;

        Running(LookSam form, Optimizer inner) {
            super(inner, List.of(Slot.zeros(ORTHOGONAL)));
            if (inner.demand() == Demand.LOSS) {
                throw new IllegalArgumentException("looksam: needs gradients, and the inner optimizer takes none");
            }
            this.form = form;
        }

        @Override
        public Demand demand() {
            return Demand.EVALUATION;
        }

        @Override
        public void step(double gradientScale, Evaluation evaluation) {
            Evaluation loss = required("looksam", evaluation);
            try (var _ = Scope.open()) {
                boolean looks = steps() % form.every == 0;
                double scale = looks ? look(gradientScale, loss) : gradientScale;
                if (!looks) {
                    lean();
                }
                inner().step(scale, evaluation);
            }
        }

        /// Takes the gradients uphill, which are to be multiplied by the result, and keeps their orthogonal
        /// part.
        private double look(double gradientScale, Evaluation loss) {
            Uphill uphill = new Uphill(groups());
            Map<Parameter, Tensor> plain = uphill.copies(gradientScale);
            double scale = uphill.gradients(form.rho, false, loss);
            double[] sums = new double[2];
            plain.forEach((parameter, g) -> {
                sums[0] += parameter.gradient() == null ? 0 : Norms.dot(parameter.gradient(), g);
                sums[1] += Norms.dot(g, g);
            });
            double along = sums[1] == 0 ? 0 : scale * sums[0] / sums[1];
            forEach((path, parameter) -> {
                if (plain.containsKey(parameter) && parameter.gradient() != null) {
                    Tensor there = widened(parameter).mul(scale);
                    set(
                            ORTHOGONAL,
                            path,
                            there.sub(plain.get(parameter).to(there.dtype()).mul(along)));
                }
            });
            return scale;
        }

        /// Adds what was kept to the gradients.
        private void lean() {
            double[] squares = new double[2];
            forEach((path, parameter) -> {
                if (parameter.gradient() != null) {
                    double g = Norms.two(parameter.gradient());
                    double v = Norms.two(slot(ORTHOGONAL, path));
                    squares[0] += g * g;
                    squares[1] += v * v;
                }
            });
            double factor = squares[1] == 0 ? 0 : form.alpha * Math.sqrt(squares[0] / squares[1]);
            forEach((path, parameter) -> {
                if (parameter.gradient() != null) {
                    Tensor sum = widened(parameter).add(slot(ORTHOGONAL, path).mul(factor));
                    parameter.gradient().copyFrom(sum.to(parameter.gradient().dtype()));
                }
            });
        }

        /// The gradient in the dtype of the slots.
        private static Tensor widened(Parameter parameter) {
            Tensor gradient = parameter.gradient();
            return gradient.dtype() == DType.BFLOAT16 ? gradient.to(DType.FLOAT32) : gradient;
        }
    }
}
