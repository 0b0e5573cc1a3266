package org.lehr.bench.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdagradOptions;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.LBFGSOptions;
import org.bytedeco.pytorch.LossClosure;
import org.bytedeco.pytorch.RMSpropOptions;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.bench.TorchBridge;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Adam;
import org.lehr.engine.optim.AdamFamily;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.OptimizerSpec;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Sgd;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Twenty steps of each optimizer beside libtorch's, on `Σ(p − goal)⁴ + Σp²` for a matrix and a vector.
@NeedsPeer
class OptimizerParityTest {

    private static final int STEPS = 20;
    private static final double RATE = 0.01;

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64"})
    void sgd(DType dtype) {
        SGDOptions plain = new SGDOptions(RATE);
        compare(dtype, groups -> new Sgd(groups, new Constant(RATE), 0), p -> new org.bytedeco.pytorch.SGD(p, plain));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64"})
    void sgdWithMomentum(DType dtype) {
        SGDOptions options = new SGDOptions(RATE);
        options.momentum().put(0.9);
        options.dampening().put(0.2);
        options.weight_decay().put(0.05);
        Sgd.Form form = new Sgd.Form(new Constant(RATE), new Constant(0.9), 0.2, false, new Constant(0.05));
        compare(dtype, groups -> new Sgd(groups, form), p -> new org.bytedeco.pytorch.SGD(p, options));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64"})
    void nesterov(DType dtype) {
        SGDOptions options = new SGDOptions(RATE);
        options.momentum().put(0.8);
        options.nesterov().put(true);
        Sgd.Form form = new Sgd.Form(new Constant(RATE), new Constant(0.8), 0, true, new Constant(0));
        compare(dtype, groups -> new Sgd(groups, form), p -> new org.bytedeco.pytorch.SGD(p, options));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64"})
    void adam(DType dtype) {
        AdamOptions options = new AdamOptions(RATE);
        options.weight_decay().put(0.05);
        compare(dtype, groups -> new Adam(groups, form(0.05, false)), p -> new org.bytedeco.pytorch.Adam(p, options));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64"})
    void adamW(DType dtype) {
        AdamWOptions options = new AdamWOptions(RATE);
        options.weight_decay().put(0.1);
        compare(dtype, groups -> new AdamW(groups, form(0.1, false)), p -> new org.bytedeco.pytorch.AdamW(p, options));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64"})
    void amsgrad(DType dtype) {
        AdamWOptions options = new AdamWOptions(RATE);
        options.weight_decay().put(0.1);
        options.amsgrad().put(true);
        compare(dtype, groups -> new AdamW(groups, form(0.1, true)), p -> new org.bytedeco.pytorch.AdamW(p, options));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64"})
    void adagrad(DType dtype) {
        AdagradOptions options = new AdagradOptions(RATE);
        options.weight_decay().put(0.05);
        options.lr_decay().put(0.1);
        options.initial_accumulator_value().put(0.2);
        compare(
                dtype,
                named("adagrad:rate=0.01,weight-decay=0.05,rate-decay=0.1,initial=0.2"),
                p -> new org.bytedeco.pytorch.Adagrad(p, options));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64"})
    void rmsProp(DType dtype) {
        RMSpropOptions options = new RMSpropOptions(RATE);
        options.weight_decay().put(0.05);
        options.momentum().put(0.9);
        options.centered().put(true);
        compare(
                dtype,
                named("rmsprop:rate=0.01,weight-decay=0.05,momentum=0.9,centered=true"),
                p -> new org.bytedeco.pytorch.RMSprop(p, options));
    }

    @Test
    void lbfgsWithoutASearchTakesTheSameSteps() {
        LBFGSOptions options = new LBFGSOptions(0.3);
        options.max_iter().put(12);
        options.history_size().put(5);
        Minima minima = minima("lbfgs:rate=0.3,iterations=12,history=5,search=false", options);
        for (int i = 0; i < minima.ours.length; i++) {
            assertEquals(minima.theirs[i], minima.ours[i], 1e-8, "element " + i);
        }
    }

    @Test
    void lbfgsWithASearchComesAsLowAsTheirs() {
        LBFGSOptions options = new LBFGSOptions(1);
        options.max_iter().put(60);
        options.line_search_fn().put("strong_wolfe");
        Minima minima = minima("lbfgs:iterations=60", options);
        assertTrue(minima.loss(minima.ours) <= minima.loss(minima.theirs) + 1e-10);
    }

    /// Where both came from the same start.
    private record Minima(double[] goal, double[] ours, double[] theirs) {
        double loss(double... p) {
            double sum = 0;
            for (int i = 0; i < p.length; i++) {
                sum += Math.pow(p[i] - goal[i], 4) + p[i] * p[i];
            }
            return sum;
        }
    }

    private static Minima minima(String text, LBFGSOptions options) {
        RandomStream random = new RandomStream(5);
        Tensor start = random.normal(DType.FLOAT64, 40);
        Tensor goal = random.normal(DType.FLOAT64, 40);
        Parameter p = new Parameter(start.mul(1));
        SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("p", p);
        Optimizer ours = named(text).apply(List.of(new ParameterGroup(parameters, 1, 1)));
        Evaluation evaluation = new Evaluation(ours.groups(), () -> loss(p.value(), goal));
        ours.step(evaluation.gradients().scale(), evaluation);
        try (var _ = new PointerScope()) {
            org.bytedeco.pytorch.Tensor q = TorchBridge.copy(start).set_requires_grad(true);
            org.bytedeco.pytorch.LBFGS theirs = new org.bytedeco.pytorch.LBFGS(new TensorVector(q), options);
            org.bytedeco.pytorch.Tensor to = TorchBridge.copy(goal);
            theirs.step(new LossClosure() {
                @Override
                public org.bytedeco.pytorch.Tensor call() {
                    theirs.zero_grad();
                    org.bytedeco.pytorch.Tensor far = q.sub(to).square().square();
                    org.bytedeco.pytorch.Tensor sum = far.sum().add(q.square().sum());
                    sum.backward();
                    return sum;
                }
            });
            return new Minima(goal.toDoubleArray(), p.own().toDoubleArray(), TorchBridge.values(q.detach()));
        }
    }

    private static Tensor loss(Tensor p, Tensor goal) {
        return p.sub(goal).square().square().sum().add(p.square().sum());
    }

    private static Function<List<ParameterGroup>, Optimizer> named(String text) {
        OptimizerSpec spec = OptimizerSpec.parse(text, Map.of());
        return spec::over;
    }

    private static AdamFamily.Form form(double decay, boolean maximal) {
        return new AdamFamily.Form(
                new Constant(RATE), new Constant(0.9), new Constant(0.999), 1e-8, new Constant(decay), maximal);
    }

    private static void compare(
            DType dtype,
            Function<List<ParameterGroup>, Optimizer> ours,
            Function<TensorVector, org.bytedeco.pytorch.Optimizer> theirs) {
        RandomStream random = new RandomStream(5);
        List<Tensor> starts = List.of(random.normal(dtype, 7, 5), random.normal(dtype, 131));
        List<Tensor> goals = List.of(random.normal(dtype, 7, 5), random.normal(dtype, 131));
        SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
        for (int i = 0; i < starts.size(); i++) {
            parameters.put("p" + i, new Parameter(starts.get(i).mul(1)));
        }
        Optimizer optimizer = ours.apply(List.of(new ParameterGroup(parameters, 1, 1)));
        try (var _ = new PointerScope()) {
            org.bytedeco.pytorch.Tensor[] leaves = starts.stream()
                    .map(start -> TorchBridge.copy(start).set_requires_grad(true))
                    .toArray(org.bytedeco.pytorch.Tensor[]::new);
            org.bytedeco.pytorch.Optimizer peer = theirs.apply(new TensorVector(leaves));
            for (int step = 0; step < STEPS; step++) {
                for (int i = 0; i < leaves.length; i++) {
                    Tensor p = parameters.get("p" + i).value();
                    p.sub(goals.get(i))
                            .square()
                            .square()
                            .sum()
                            .add(p.square().sum())
                            .backward();
                    org.bytedeco.pytorch.Tensor q = leaves[i];
                    org.bytedeco.pytorch.Tensor far =
                            q.sub(TorchBridge.copy(goals.get(i))).square().square();
                    far.sum().add(q.square().sum()).backward();
                }
                optimizer.step();
                peer.step();
                optimizer.clearGradients();
                peer.zero_grad();
            }
            for (int i = 0; i < leaves.length; i++) {
                Tensor p = parameters.get("p" + i).value();
                assertTrue(
                        p.detach().sub(starts.get(i)).square().sum().item() > 0.01, "twenty steps must lead somewhere");
                Parity.equal("p" + i, STEPS * STEPS, leaves[i], p);
            }
        }
    }
}
