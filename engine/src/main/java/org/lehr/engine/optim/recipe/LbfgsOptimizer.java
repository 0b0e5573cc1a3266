package org.lehr.engine.optim.recipe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Slots;
import org.lehr.engine.optim.SlottedOptimizer;
import org.lehr.engine.optim.Values;
import org.lehr.engine.optim.transform.Hyperparameter;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// [Lbfgs] over given parameters. A vector is a list of tensors, one for each parameter.
final class LbfgsOptimizer extends SlottedOptimizer {

    private static final String CHANGE = "change.";
    private static final String SLOPES = "slopes.";
    private static final String DIRECTION = "direction";
    private static final String GRADIENT = "prev_grad";
    private static final String PAIRS = "pairs";
    private static final String ITERATIONS = "iterations";
    private static final String LENGTH = "length";
    private static final String DIAGONAL = "diagonal";

    private final Lbfgs form;

    LbfgsOptimizer(List<ParameterGroup> groups, Lbfgs form) {
        List<Slot> kept = new ArrayList<>();
        for (long i = 0; i < form.history(); i++) {
            kept.add(Slot.zeros(CHANGE + i));
            kept.add(Slot.zeros(SLOPES + i));
        }
        kept.add(Slot.zeros(DIRECTION));
        kept.add(Slot.zeros(GRADIENT));
        kept.add(Slot.sharedNumber(PAIRS, 0));
        kept.add(Slot.sharedNumber(ITERATIONS, 0));
        kept.add(Slot.sharedNumber(LENGTH, 0));
        kept.add(Slot.sharedNumber(DIAGONAL, 1));
        super(new Slots(groups, kept, StateFormat.FULL, true), form.rate());
        this.form = form;
    }

    @Override
    public Demand demand() {
        return Demand.EVALUATION;
    }

    @Override
    public void step(double gradientScale) {
        step(gradientScale, null);
    }

    @Override
    public void step(double gradientScale, Evaluation evaluation) {
        if (evaluation == null) {
            throw new IllegalStateException(
                    "lbfgs: looks at the loss again in a step; call step(gradientScale, evaluation)");
        }
        double rate = Hyperparameter.amount("lbfgs: the rate", rate());
        Recording.off(() -> {
            try (var _ = Scope.open()) {
                Line line = new Line(evaluation);
                List<Tensor> g = gradient(gradientScale);
                double loss = form.search() ? evaluation.loss() : Double.NaN;
                for (long i = 0; i < form.iterations() && largest(g) > form.gradientTolerance(); i++) {
                    Double next = iterate(line, g, loss, rate, i + 1 == form.iterations());
                    if (next == null) {
                        break;
                    }
                    loss = next;
                    g = line.gradient;
                }
            }
            return null;
        });
        count();
    }

    /// One iteration; the loss after it, or null when there is nothing left to do.
    private Double iterate(Line line, List<Tensor> g, double loss, double rate, boolean last) {
        boolean first = number(ITERATIONS) == 0;
        List<Tensor> d = direction(g, first);
        save(GRADIENT, g);
        save(DIRECTION, d);
        number(ITERATIONS, number(ITERATIONS) + 1);
        double slope = dot(g, d);
        double length = first ? Math.min(1, 1 / sum(g)) * rate : rate;
        number(LENGTH, length);
        if (!(slope <= -form.changeTolerance())) {
            return null;
        }
        line.along(d);
        if (!form.search()) {
            line.go(length);
            if (last) {
                return null;
            }
            double after = line.look().loss();
            return length * largest(d) <= form.changeTolerance() ? null : (Double) after;
        }
        StrongWolfe.Point found = StrongWolfe.search(line::at, new StrongWolfe.Point(0, loss, slope), length);
        number(LENGTH, found.t());
        if (line.t != found.t()) {
            line.at(found.t());
        }
        return found.t() * largest(d) <= form.changeTolerance() ? null : (Double) found.loss();
    }

    /// `−H·g` by two loops over the pairs, after that of the last iteration is added.
    private List<Tensor> direction(List<Tensor> g, boolean first) {
        if (first) {
            return scaled(g, -1);
        }
        List<Tensor> y = combined(g, load(GRADIENT), -1);
        List<Tensor> s = scaled(load(DIRECTION), number(LENGTH));
        double curvature = dot(y, s);
        if (curvature > 1e-10) {
            long at = (long) number(PAIRS) % form.history();
            save(CHANGE + at, s);
            save(SLOPES + at, y);
            number(PAIRS, number(PAIRS) + 1);
            number(DIAGONAL, curvature / dot(y, y));
        }
        long pairs = (long) number(PAIRS);
        long oldest = Math.max(0, pairs - form.history());
        Map<Long, Double> shares = new HashMap<>();
        List<Tensor> q = scaled(g, -1);
        for (long i = pairs - 1; i >= oldest; i--) {
            List<Tensor> change = load(CHANGE + i % form.history());
            List<Tensor> slopes = load(SLOPES + i % form.history());
            double share = dot(change, q) / dot(slopes, change);
            shares.put(i, share);
            q = combined(q, slopes, -share);
        }
        List<Tensor> d = scaled(q, number(DIAGONAL));
        for (long i = oldest; i < pairs; i++) {
            List<Tensor> change = load(CHANGE + i % form.history());
            List<Tensor> slopes = load(SLOPES + i % form.history());
            double back = dot(slopes, d) / dot(slopes, change);
            d = combined(d, change, shares.get(i) - back);
        }
        return d;
    }

    /// The loss along a direction from where the parameters were when it was chosen.
    private final class Line {

        private final Evaluation evaluation;
        private List<Tensor> origin;
        private List<Tensor> direction;
        private List<Tensor> gradient;
        private double t;

        Line(Evaluation evaluation) {
            this.evaluation = evaluation;
        }

        void along(List<Tensor> d) {
            Values values = Values.of(LbfgsOptimizer.this);
            origin = map((path, parameter) -> values.get(path, parameter).mul(1));
            direction = d;
        }

        void go(double distance) {
            t = distance;
            Values values = Values.of(LbfgsOptimizer.this);
            List<Tensor> there = new ArrayList<>(origin);
            int[] i = {0};
            each((path, group, parameter) -> {
                Tensor step = direction.get(i[0]).mul(distance * group.rateFactor());
                values.set(path, parameter, there.get(i[0]++).add(step));
            });
        }

        StrongWolfe.Point look() {
            Evaluation.Slope found = evaluation.gradients();
            gradient = gradient(found.scale());
            return new StrongWolfe.Point(t, found.loss(), dot(gradient, direction));
        }

        StrongWolfe.Point at(double distance) {
            go(distance);
            return look();
        }
    }

    private interface Each {
        void accept(String path, ParameterGroup group, Parameter parameter);
    }

    private void each(Each work) {
        slots().groups()
                .forEach(group -> group.parameters().forEach((path, parameter) -> work.accept(path, group, parameter)));
    }

    private List<Tensor> map(BiFunction<String, Parameter, Tensor> of) {
        List<Tensor> found = new ArrayList<>();
        each((path, _, parameter) -> {
            Tensor one = of.apply(path, parameter);
            one.storage().complete();
            found.add(one);
        });
        return found;
    }

    /// Gradients times `scale`, zeros where there are none; those of groups without a rate are none.
    private List<Tensor> gradient(double scale) {
        List<Tensor> found = new ArrayList<>();
        each((path, group, parameter) -> {
            Tensor like = slots().get(GRADIENT, path);
            boolean moves = parameter.gradient() != null && group.rateFactor() > 0;
            Tensor g = moves ? parameter.gradient().to(like.dtype()).mul(scale) : like.fullLike(0);
            g.storage().complete();
            found.add(g);
        });
        return found;
    }

    private List<Tensor> load(String name) {
        return map((path, _) -> slots().get(name, path).mul(1));
    }

    private void save(String name, List<Tensor> vector) {
        int[] i = {0};
        each((path, _, _) -> slots().set(path, Map.of(name, vector.get(i[0]++)), null));
    }

    private double number(String name) {
        return slots().get(name, "").item();
    }

    private void number(String name, double value) {
        slots().set("", Map.of(name, slots().get(name, "").fullLike(value)), null);
    }

    private static List<Tensor> scaled(List<Tensor> x, double by) {
        return x.stream().map(part -> part.mul(by)).toList();
    }

    /// `x + by·y`.
    private static List<Tensor> combined(List<Tensor> x, List<Tensor> y, double by) {
        List<Tensor> sums = new ArrayList<>();
        for (int i = 0; i < x.size(); i++) {
            sums.add(x.get(i).add(y.get(i).mul(by)));
        }
        return sums;
    }

    private static double dot(List<Tensor> x, List<Tensor> y) {
        double sum = 0;
        for (int i = 0; i < x.size(); i++) {
            sum += Norms.dot(x.get(i), y.get(i));
        }
        return sum;
    }

    private static double sum(List<Tensor> x) {
        return x.stream().mapToDouble(Norms::one).sum();
    }

    private static double largest(List<Tensor> x) {
        double largest = 0;
        for (Tensor part : x) {
            largest = part.size() == 0
                    ? largest
                    : Math.max(largest, part.abs().max().item());
        }
        return largest;
    }
}
