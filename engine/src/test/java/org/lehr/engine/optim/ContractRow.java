package org.lehr.engine.optim;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// How one optimizer takes part in [RecipeContractTest].
///
/// @param name of the optimizer
/// @param bowl specification that goes down a parabola in `steps` steps
/// @param valley specification that enters Rosenbrock's valley in 400 steps
/// @param net specification that teaches a small net in `netSteps` steps
/// @param bytes of state for a float32 parameter of a shape
/// @param form what else is special
record ContractRow(String name, String bowl, String valley, String net, Bytes bytes, Form form) {

    /// Bytes of state for a shape.
    interface Bytes {
        long of(long... shape);
    }

    /// What is special about an optimizer.
    ///
    /// @param steps until the bottom of the parabola
    /// @param netSteps until the net has learnt
    /// @param sharedBytes of state besides that of parameters
    /// @param separate whether an element's step depends on that element alone
    /// @param global whether a parameter's step depends on other parameters
    /// @param chain whether it is a chain of transforms
    /// @param large whether a large parameter costs little time
    record Form(
            int steps, int netSteps, long sharedBytes, boolean separate, boolean global, boolean chain, boolean large) {
        static final Form USUAL = new Form(400, 200, 0, true, false, true, true);

        Form coupled() {
            return new Form(steps, netSteps, sharedBytes, false, global, chain, large);
        }

        Form linked() {
            return new Form(steps, netSteps, sharedBytes, false, true, chain, large);
        }

        Form shared(long bytes) {
            return new Form(steps, netSteps, bytes, separate, global, chain, large);
        }

        Form steps(int bowl, int net) {
            return new Form(bowl, net, sharedBytes, separate, global, chain, large);
        }

        Form apart() {
            return new Form(steps, netSteps, sharedBytes, separate, global, false, large);
        }

        Form small() {
            return new Form(steps, netSteps, sharedBytes, separate, global, chain, false);
        }
    }

    static Stream<ContractRow> all() {
        Form coupled = Form.USUAL.coupled();
        Form linked = coupled.linked();
        return Stream.of(
                row("adabelief", "rate=0.05", "rate=0.05", "rate=0.02", tensors(2)),
                row("adabound", "rate=0.05,final-rate=0.02", "rate=0.02,final-rate=0.0002", "rate=0.02", tensors(2)),
                row("adadelta", "rate=5,rho=0.9", "rate=1", "rate=2", tensors(2)),
                row("adafactor", "rate=0.1", "rate=0.05,relative=false", "rate=0.1", ContractRow::factored, coupled),
                row("adagrad", "rate=0.5", "rate=0.5", "rate=0.1", tensors(1)),
                row("adahessian", "rate=0.1", "rate=0.1", "rate=0.05", tensors(2)),
                row("dadaptadam", "first=0.01", "first=0.01", "", tensors(3), linked.shared(16)),
                row("dadaptsgd", "first=0.01", "first=0.001", "rate=0.2", tensors(2), linked.shared(24)),
                row("muon", "rate=0.05", "rate=0.3", "rate=0.02", ContractRow::muon, coupled),
                row("prodigy", "first=0.01", "first=0.01", "first=0.01", tensors(4), linked.shared(16)),
                row("schedulefree", "rate=0.2", "rate=0.05", "rate=0.05", tensors(3), Form.USUAL.shared(8)),
                row("shampoo", "rate=0.3", "rate=0.3", "rate=0.1", shape -> preconditioned(2, shape), coupled.small()),
                row("soap", "rate=0.05", "rate=0.05", "rate=0.03", shape -> preconditioned(2, shape), coupled.small()),
                row("sophia", "rate=0.05,gamma=1", "rate=0.05,gamma=1", "rate=0.02,gamma=1", tensors(2)),
                row("tag", "rate=0.01", "rate=0.01", "rate=0.01", tensors(2)),
                row("upgd", "rate=0.1", "rate=0.001", "rate=0.1", tensors(1), linked),
                row("adam", "rate=0.05", "rate=0.05", "rate=0.02", tensors(2)),
                row("adamax", "rate=0.05", "rate=0.05", "rate=0.02", tensors(2)),
                row("adamod", "rate=0.1,beta3=0.9", "rate=0.05,beta3=0.9", "rate=0.05,beta3=0.9", tensors(3)),
                row("adamw", "rate=0.05,weight-decay=0", "rate=0.05,weight-decay=0", "rate=0.02", tensors(2)),
                row("adan", "rate=0.05", "rate=0.05", "rate=0.02", tensors(4)),
                row("ademamix", "rate=0.05,beta3=0.99,alpha=1", "rate=0.02,beta3=0.99", "rate=0.01", tensors(3)),
                row("adopt", "rate=0.05,beta2=0.99", "rate=0.05,beta2=0.99", "rate=0.02,beta2=0.99", tensors(2)),
                row("fadam", "rate=0.05", "rate=0.05", "rate=0.02", tensors(2), coupled),
                row("lamb", "rate=0.02,weight-decay=0", "rate=0.02,weight-decay=0", "rate=0.02", tensors(2), coupled),
                row(
                        "lbfgs",
                        "",
                        "",
                        "",
                        shape -> tensors(22).of(shape),
                        linked.shared(32).apart().steps(4, 10).small()),
                row(
                        "zerothorder",
                        "rate=0.02,queries=4",
                        "rate=0.0001",
                        "rate=0.02,queries=4",
                        tensors(0),
                        linked.apart().small()),
                row("lars", "rate=0.02,trust=1", "rate=0.0004", "rate=0.02,trust=1", tensors(1)),
                row("lion", "rate=0.01", "rate=0.01", "rate=0.005", tensors(1)),
                row("madgrad", "rate=0.05", "rate=0.05", "rate=0.05", tensors(3)),
                row(
                        "nadam",
                        "rate=0.05",
                        "rate=0.05",
                        "rate=0.02",
                        shape -> tensors(2).of(shape) + 8),
                row(
                        "novograd",
                        "rate=0.01",
                        "rate=0.003",
                        "rate=0.003",
                        shape -> tensors(1).of(shape) + 8,
                        coupled),
                row("radam", "rate=0.05", "rate=0.0005", "rate=0.02", tensors(2)),
                row("rmsprop", "rate=0.01", "rate=0.01", "rate=0.01", tensors(1)),
                row("rprop", "", "", "first=0.001,most=0.1", tensors(2)),
                row("sgd", "rate=0.02", "rate=0.0004", "rate=0.05", tensors(1)),
                row("sgdw", "rate=0.02,weight-decay=0", "rate=0.0004", "rate=0.05", tensors(1)),
                row("signsgd", "rate=0.01", "rate=0.01", "rate=0.005", tensors(0)),
                row("signum", "rate=0.01", "rate=0.01", "rate=0.005", tensors(1)),
                row("sm3", "rate=0.3", "rate=0.3", "rate=0.1", ContractRow::covered),
                row("yogi", "rate=0.05", "rate=0.05", "rate=0.02", tensors(2)));
    }

    private static long factored(long... shape) {
        return 4 * (shape.length < 2 ? elements(shape) : elements(shape) / shape[0] + elements(shape) / shape[1]);
    }

    private static long muon(long... shape) {
        return tensors(shape.length > 1 ? 1 : 2).of(shape);
    }

    private static long preconditioned(int tensors, long... shape) {
        long sides = shape.length < 2 ? 0 : 2 * (shape[0] * shape[0] + shape[1] * shape[1]);
        return 4 * (sides + tensors * elements(shape));
    }

    private static long covered(long... shape) {
        return 4 * (elements(shape) + Arrays.stream(shape).sum());
    }

    private static ContractRow row(String name, String bowl, String valley, String net, Bytes bytes) {
        return row(name, bowl, valley, net, bytes, Form.USUAL);
    }

    private static ContractRow row(String name, String bowl, String valley, String net, Bytes bytes, Form form) {
        return new ContractRow(name, spec(name, bowl), spec(name, valley), spec(name, net), bytes, form);
    }

    private static String spec(String name, String options) {
        return options.isEmpty() ? name : name + ":" + options;
    }

    /// So many float32 tensors of the parameter's shape.
    static Bytes tensors(int count) {
        return shape -> 4L * count * elements(shape);
    }

    static long elements(long... shape) {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    int steps() {
        return form.steps;
    }

    int netSteps() {
        return form.netSteps;
    }

    long sharedBytes() {
        return form.sharedBytes;
    }

    boolean separate() {
        return form.separate;
    }

    boolean global() {
        return form.global;
    }

    boolean chain() {
        return form.chain;
    }

    boolean large() {
        return form.large;
    }

    /// A further option behind those of [#bowl].
    String and(String option) {
        return (bowl.contains(":") ? "," : ":") + option;
    }

    /// [#bowl] without the option for a component.
    String without(String component) {
        String option = component.replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
        if (!bowl.contains(":")) {
            return bowl;
        }
        String rest = Arrays.stream(bowl.substring(bowl.indexOf(':') + 1).split(","))
                .filter(given -> !given.startsWith(option + "="))
                .collect(Collectors.joining(","));
        return spec(name, rest);
    }

    @Override
    public String toString() {
        return name;
    }
}
