package org.lehr.engine.optim.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.ChainedOptimizer;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.Values;
import org.lehr.engine.optim.WrappedOptimizer;
import org.lehr.engine.optim.transform.Hyperparameter;
import org.lehr.engine.optim.transform.Noise;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByAdam;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Shrink;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.MaskedFill;
import org.lehr.engine.tensor.op.PiecewiseConstant;
import org.lehr.kernels.memory.Scope;

/// Learning from losses alone, without backward passes: the gradient is estimated from losses at parameters moved
/// along random directions, which are drawn again from their seed and never kept (Malladi et al. 2023). `g = Σ
/// c·z`, with `c = (L(p + εz) − L(p − εz))/2ε` (simultaneous perturbation; Spall 1992), or `c` the exact derivative
/// along `z` (forward gradients; Baydin et al. 2022). A step asks for the loss alone. State: none, or that of Adam.
///
/// @param rate learning rate
/// @param epsilon ε
/// @param queries over how many directions the estimate is a mean
/// @param method what is done with the estimate: `sgd`, `sign`, `adam`, or `conserve`, which goes forth or back or
///     stays, wherever the loss is lowest (Zhang et al. 2024)
/// @param forward whether derivatives are exact
/// @param density the share of elements that each direction moves
/// @param weightDecay decoupled
/// @param seed of the directions
public record ZerothOrder(
        @Default("1e-3") Schedule rate,
        @Default("1e-3") Schedule epsilon,
        @Default("1") long queries,
        @Default("sgd") String method,
        @Default("false") boolean forward,
        @Default("1") double density,
        @Default("0") Schedule weightDecay,
        @Default("0") long seed)
        implements Recipe {

    private static final List<String> METHODS = List.of("sgd", "sign", "adam", "conserve");

    public ZerothOrder {
        if (!METHODS.contains(method)) {
            throw new IllegalArgumentException(
                    "zerothorder: the method must be one of " + METHODS + ", got '" + method + "'");
        }
        if (queries < 1 || !(density > 0 && density <= 1)) {
            throw new IllegalArgumentException("zerothorder: needs at least one query and a density in (0, 1], got "
                    + queries + " and " + density);
        }
    }

    private List<Transform> chain() {
        List<Transform> rest = List.of(new Shrink(rate, weightDecay), new ScaleByRate(rate));
        return switch (method) {
            case "sign" ->
                Stream.concat(Stream.of(Rule.of((g, _) -> PiecewiseConstant.sign(g))), rest.stream())
                        .toList();
            case "adam" ->
                Stream.concat(
                                Stream.of(new ScaleByAdam(new Constant(0.9), new Constant(0.999), 1e-8, false)),
                                rest.stream())
                        .toList();
            default -> rest;
        };
    }

    @Override
    public Optimizer over(List<ParameterGroup> groups, StateFormat format) {
        return new Running(this, new ChainedOptimizer(groups, rate, chain(), format));
    }

    private static final class Running extends WrappedOptimizer {

        private final ZerothOrder form;
        private final ChainedOptimizer chain;

        Running(ZerothOrder form, ChainedOptimizer chain) {
            super(chain, List.of());
            this.form = form;
            this.chain = chain;
        }

        @Override
        public Demand demand() {
            return Demand.LOSS;
        }

        @Override
        public void step(double gradientScale, Evaluation evaluation) {
            Evaluation loss = required("zerothorder", evaluation);
            double before = form.method.equals("conserve") ? loss.loss() : 0;
            double[] slopes = new double[(int) form.queries];
            for (int query = 0; query < slopes.length; query++) {
                slopes[query] = (form.forward ? exact(loss, query) : difference(loss, query)) / slopes.length;
            }
            chain.step(evaluation, (path, parameter) -> Update.of(gradient(slopes, path, parameter)));
            if (form.method.equals("conserve")) {
                conserve(loss, before, slopes);
            }
        }

        /// A direction, of the shape and dtype of what is updated.
        private Tensor direction(int query, String path, long step, Tensor like) {
            String name = path + "#" + query;
            Tensor z = Noise.normal(form.seed, name, step, like);
            if (form.density == 1) {
                return z;
            }
            Tensor uniform = Noise.uniform(form.seed, name + " mask", step, like);
            Tensor left = Compare.greaterOrEqual(uniform, uniform.scalarLike(form.density));
            return MaskedFill.maskedFill(z, left, 0);
        }

        private Tensor gradient(double[] slopes, String path, Parameter parameter) {
            Tensor like = Values.of(chain).get(path, parameter);
            Tensor sum = null;
            for (int query = 0; query < slopes.length; query++) {
                Tensor part = direction(query, path, steps(), like).mul(slopes[query]);
                sum = sum == null ? part : sum.add(part);
            }
            return sum;
        }

        private double difference(Evaluation loss, int query) {
            double size = Hyperparameter.amount("zerothorder: epsilon", form.epsilon.at(steps()));
            move(query, size);
            double above = loss.loss();
            move(query, -2 * size);
            double below = loss.loss();
            move(query, size);
            return size == 0 ? 0 : (above - below) / (2 * size);
        }

        /// Along a direction, in place; going forth and back leaves no more than a rounding.
        private void move(int query, double distance) {
            Values values = Values.of(chain);
            forMoving((path, parameter, _) -> {
                Tensor value = values.get(path, parameter);
                values.set(
                        path,
                        parameter,
                        value.add(direction(query, path, steps(), value).mul(distance)));
            });
        }

        /// Work on a parameter that has a rate.
        private interface Moving {
            void accept(String path, Parameter parameter, double rateFactor);
        }

        private void forMoving(Moving work) {
            groups().stream()
                    .filter(group -> group.rateFactor() > 0)
                    .forEach(group -> group.parameters()
                            .forEach((path, parameter) -> Recording.off(() -> {
                                try (var _ = Scope.open()) {
                                    work.accept(path, parameter, group.rateFactor());
                                }
                                return null;
                            })));
        }

        private double exact(Evaluation loss, int query) {
            List<Parameter> parameters = new ArrayList<>();
            List<Tensor> tangents = new ArrayList<>();
            try (var _ = Scope.open()) {
                Values values = Values.of(chain);
                for (ParameterGroup group : groups()) {
                    if (group.rateFactor() > 0) {
                        group.parameters().forEach((path, parameter) -> {
                            parameters.add(parameter);
                            tangents.add(direction(query, path, steps(), values.get(path, parameter))
                                    .to(parameter.own().dtype()));
                        });
                    }
                }
                return loss.slopeAlong(parameters, tangents);
            }
        }

        /// After a step forth: stays there, goes as far back, or returns, wherever the loss is lowest.
        private void conserve(Evaluation loss, double before, double[] slopes) {
            double forth = loss.loss();
            shift(slopes, 2);
            double back = loss.loss();
            if (before <= forth && before <= back) {
                shift(slopes, -1);
            } else if (forth <= back) {
                shift(slopes, -2);
            }
        }

        /// Against the last step, `times` as far.
        private void shift(double[] slopes, double times) {
            Values values = Values.of(chain);
            double size = form.rate.at(steps() - 1);
            forMoving((path, parameter, rateFactor) -> {
                Tensor value = values.get(path, parameter);
                Tensor sum = value;
                for (int query = 0; query < slopes.length; query++) {
                    sum = sum.add(
                            direction(query, path, steps() - 1, value).mul(slopes[query] * size * rateFactor * times));
                }
                values.set(path, parameter, sum);
            });
        }
    }
}
