package org.lehr.engine.autograd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Node;
import org.lehr.engine.tensor.NotDifferentiableException;
import org.lehr.engine.tensor.NotFiniteException;
import org.lehr.engine.tensor.PartialOp;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.StaleTensorException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;
import org.lehr.kernels.memory.Storage;

/// One walk of a recorded graph from results to what they were computed from, newest call first.
///
/// Nodes are visited in the reverse of the order in which they were recorded, so sums of gradients always
/// have the same order. Without a graph of the gradient, memory goes back as the walk proceeds: each call's
/// temporaries, its saved tensors, and every gradient that has been handed on.
final class BackwardPass {

    private static final List<UnaryOperator<Tensor>> NO_HOOKS = List.of();

    private final boolean createGraph;
    private final boolean retainGraph;
    private final PendingGradients pending;
    private boolean endsAtWanted;
    private Consumer<Node> walked = _ -> {};

    BackwardPass(boolean createGraph, boolean retainGraph) {
        this.createGraph = createGraph;
        this.retainGraph = retainGraph || createGraph;
        this.pending = new PendingGradients(createGraph);
    }

    /// Adds the gradients of `outputs` to every leaf's own.
    void intoLeaves(List<Tensor> outputs, List<Tensor> seeds) {
        Recording.off(() -> {
            walk(outputs, seeds, reachable(outputs, Set.of()), Set.of(), null);
            pending.deliver();
            return null;
        });
    }

    /// As [#intoLeaves(List, List)], telling `arrived` of each leaf as soon as its gradient is complete. Nothing
    /// that is
    /// left of the walk reads the leaf then.
    void intoLeaves(List<Tensor> outputs, List<Tensor> seeds, Consumer<Tensor> arrived) {
        Recording.off(() -> {
            List<Node> nodes = reachable(outputs, Set.of());
            Map<Tensor, Integer> uses = new IdentityHashMap<>();
            for (Node node : nodes) {
                forLeaves(node, leaf -> uses.merge(leaf, 1, Integer::sum));
            }
            walked = node -> forLeaves(node, leaf -> {
                if (uses.merge(leaf, -1, Integer::sum) == 0 && pending.deliver(leaf)) {
                    arrived.accept(leaf);
                }
            });
            walk(outputs, seeds, nodes, Set.of(), null);
            pending.deliver();
            return null;
        });
    }

    private static void forLeaves(Node node, Consumer<Tensor> work) {
        for (int i = 0; i < node.call().count(); i++) {
            if (node.leaf(i) != null) {
                work.accept(node.leaf(i));
            }
        }
    }

    /// The gradients with respect to `inputs`; null for those that `outputs` do not depend on. Where one
    /// input depends on another, the other's gradient includes what flows through the one. Each result has
    /// memory of its own, unless a graph is wanted.
    Tensor[] of(List<Tensor> outputs, List<Tensor> seeds, List<Tensor> inputs) {
        Set<Object> wanted = places(inputs);
        return found(outputs, seeds, inputs, wanted, reachable(outputs, Set.of()));
    }

    /// The partial derivatives with respect to `inputs`, as if none depended on another: the walk ends at
    /// them.
    ///
    /// @throws StaleTensorException where `outputs` depend on a leaf that is not among `inputs`
    Tensor[] partial(List<Tensor> outputs, List<Tensor> seeds, List<Tensor> inputs) {
        Set<Object> wanted = places(inputs);
        endsAtWanted = true;
        List<Node> nodes = reachable(outputs, wanted);
        for (Node node : nodes) {
            for (int i = 0; i < node.call().count() && !wanted.contains(node); i++) {
                if (node.leaf(i) != null && !wanted.contains(node.leaf(i))) {
                    throw new StaleTensorException(node.op().name() + ": computing this again used " + node.leaf(i)
                            + ", which the first computation did not use; what a recomputed function reads must not"
                            + " change in between");
                }
            }
        }
        return found(outputs, seeds, inputs, wanted, nodes);
    }

    private static Set<Object> places(List<Tensor> inputs) {
        Set<Object> wanted = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Tensor input : inputs) {
            if (!input.requiresGradient()) {
                throw new NotDifferentiableException(
                        "gradient: " + input + " requires no gradient; record the computation on tensors that do");
            }
            wanted.add(place(input));
        }
        return wanted;
    }

    private Tensor[] found(
            List<Tensor> outputs, List<Tensor> seeds, List<Tensor> inputs, Set<Object> wanted, List<Node> nodes) {
        return Recording.set(createGraph, () -> {
            Map<Object, Tensor> captured = new IdentityHashMap<>();
            walk(outputs, seeds, nodes, wanted, captured);
            for (Tensor input : inputs) {
                if (input.node() == null && !captured.containsKey(input)) {
                    captured.put(input, pending.leaf(input));
                }
            }
            Set<Object> listed = Collections.newSetFromMap(new IdentityHashMap<>());
            for (Tensor input : inputs) {
                if (!listed.add(place(input)) && captured.get(place(input)) != null) {
                    pending.hold(captured.get(place(input)));
                }
            }
            return inputs.stream()
                    .map(input -> captured.get(place(input)))
                    .map(gradient -> gradient == null ? null : pending.settle(gradient))
                    .toArray(Tensor[]::new);
        });
    }

    /// Where a tensor's gradient arrives: its node, or itself for a leaf.
    private static Object place(Tensor tensor) {
        return tensor.node() == null ? tensor : tensor.node();
    }

    private void walk(
            List<Tensor> outputs,
            List<Tensor> seeds,
            List<Node> nodes,
            Set<Object> wanted,
            Map<Object, Tensor> captured) {
        Set<Object> leading = captured == null ? null : leadingTo(wanted, nodes);
        seed(outputs, seeds);
        for (Node node : nodes.reversed()) {
            Tensor dy = pending.take(node);
            if (dy != null) {
                walk(node, dy, leading, wanted, captured);
            }
            walked.accept(node);
        }
    }

    private void walk(
            Node node, Tensor arrived, Set<Object> leading, Set<Object> wanted, Map<Object, Tensor> captured) {
        Tensor dy = arrived;
        for (UnaryOperator<Tensor> hook : endsAtWanted && wanted.contains(node) ? NO_HOOKS : node.hooks()) {
            dy = pending.shown(hook, dy);
        }
        if (wanted.contains(node)) {
            pending.hold(dy);
            captured.put(node, dy);
            if (endsAtWanted) {
                pending.done(dy);
                return;
            }
        }
        if (leading == null || leading.contains(node)) {
            visit(node, dy, leading, wanted);
        }
        pending.done(dy);
        if (!retainGraph) {
            node.call().release();
        }
    }

    private void seed(List<Tensor> outputs, List<Tensor> seeds) {
        if (outputs.size() != seeds.size()) {
            throw new IllegalArgumentException("backward: " + outputs.size() + " outputs need as many gradients to"
                    + " start from, got " + seeds.size());
        }
        for (int i = 0; i < outputs.size(); i++) {
            Tensor output = outputs.get(i);
            Tensor seed = seeds.get(i);
            if (!output.requiresGradient()) {
                throw new NotDifferentiableException(
                        "backward: " + output + " depends on nothing that requires a gradient, or recording was off");
            }
            if (!seed.shape().equals(output.shape())) {
                throw new ShapeMismatchException("backward: the gradient to start from has shape " + seed.shape()
                        + ", the tensor " + output.shape());
            }
            if (seed.dtype() != output.dtype()) {
                throw new DTypeMismatchException(
                        "backward: the gradient to start from is " + seed.dtype() + ", the tensor " + output.dtype());
            }
            pending.add(place(output), createGraph ? seed : seed.detach());
        }
    }

    static Tensor replaced(UnaryOperator<Tensor> hook, Tensor dy) {
        Tensor replacement = hook.apply(dy);
        if (replacement == null || !replacement.shape().equals(dy.shape()) || replacement.dtype() != dy.dtype()) {
            throw new ShapeMismatchException("gradient hook: must return a gradient " + dy.dtype() + dy.shape()
                    + ", got " + (replacement == null ? "null" : replacement));
        }
        return replacement;
    }

    /// Runs one node's backward pass and hands its results on.
    private void visit(Node node, Tensor dy, Set<Object> leading, Set<Object> wanted) {
        Call call = node.call();
        int count = call.count();
        boolean[] active = new boolean[count];
        boolean any = false;
        for (int i = 0; i < count; i++) {
            Object target = node.producer(i) != null ? node.producer(i) : node.leaf(i);
            active[i] = target != null && (leading == null || leading.contains(target) || wanted.contains(target));
            any |= active[i];
        }
        if (!any) {
            return;
        }
        if (!createGraph && node.op() instanceof PartialOp partial) {
            Object place = node.producer(0) != null ? node.producer(0) : node.leaf(0);
            pending.accumulate(place, partial, call, dy);
            return;
        }
        Tensor[] gradients = call.restricted(active, !retainGraph, () -> gradients(node, dy));
        for (Tensor gradient : gradients) {
            if (gradient != null) {
                pending.hold(gradient);
            }
        }
        for (int i = 0; i < count; i++) {
            if (!active[i] || gradients[i] == null) {
                continue;
            }
            if (!gradients[i].shape().equals(call.shape(i))) {
                throw new ShapeMismatchException(node.op().name() + ": its backward pass gave input " + i
                        + " a gradient of shape " + gradients[i].shape() + " instead of " + call.shape(i));
            }
            if (gradients[i].dtype() != call.dtype(i)) {
                throw new DTypeMismatchException(node.op().name() + ": its backward pass gave input " + i
                        + " a gradient of " + gradients[i].dtype() + " instead of " + call.dtype(i));
            }
            node.checkFinite(gradients[i], dy);
            pending.add(node.producer(i) != null ? node.producer(i) : node.leaf(i), gradients[i]);
        }
        for (Tensor gradient : gradients) {
            if (gradient != null) {
                pending.done(gradient);
            }
        }
    }

    private Tensor[] gradients(Node node, Tensor dy) {
        Tensor[] gradients;
        try {
            gradients = createGraph ? recorded(node, dy) : unrecorded(node, dy);
        } catch (NotFiniteException found) {
            throw new NotFiniteException(node.op().name() + " (backward): " + found.getMessage());
        }
        if (gradients.length != node.call().count()) {
            throw new IllegalStateException(node.op().name() + ": its backward pass gave " + gradients.length
                    + " gradients for " + node.call().count() + " inputs");
        }
        return gradients;
    }

    private Tensor[] unrecorded(Node node, Tensor dy) {
        try (Scope scope = Scope.open()) {
            Tensor[] gradients = node.op().backward(node.call(), dy).clone();
            for (int i = 0; i < gradients.length; i++) {
                Tensor gradient = gradients[i];
                if (gradient == null) {
                    continue;
                }
                Storage storage = gradient.storage();
                if (scope.holds(storage)) {
                    scope.keep(storage);
                    pending.own(gradient);
                } else if (storage != dy.storage() && !pending.owns(gradient)) {
                    if (!retainGraph && node.call().gives(storage)) {
                        pending.own(gradient);
                        continue;
                    }
                    // Memory of an input, or saved by the call and about to be returned.
                    gradients[i] = pending.adopt(gradient);
                    scope.keep(gradients[i].storage());
                }
            }
            return gradients;
        }
    }

    private static Tensor[] recorded(Node node, Tensor dy) {
        return node.op() instanceof FusedOp fused
                ? composed(fused, node.call(), dy)
                : node.op().backward(node.call(), dy);
    }

    /// The gradient of a fused operation as a graph: its composed definition, differentiated. The inputs
    /// stand behind aliases, so that an input that depends on another one is not differentiated through
    /// here.
    private static Tensor[] composed(FusedOp op, Call call, Tensor dy) {
        Tensor[] inputs = call.inputs();
        List<Tensor> aliases = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            if (call.needs(i)) {
                inputs[i] = Tensor.apply(new Alias(), inputs[i]);
                aliases.add(inputs[i]);
            }
        }
        Tensor again = op.composed(inputs);
        Tensor[] found = new BackwardPass(true, true).partial(List.of(again), List.of(dy), aliases);
        Tensor[] gradients = new Tensor[inputs.length];
        int next = 0;
        for (int i = 0; i < inputs.length; i++) {
            gradients[i] = call.needs(i) ? found[next++] : null;
        }
        return gradients;
    }

    /// Every node that `outputs` depend on, oldest first; the walk does not go beyond `ends`.
    private static List<Node> reachable(List<Tensor> outputs, Set<Object> ends) {
        Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Node> open = new ArrayDeque<>();
        List<Node> nodes = new ArrayList<>();
        for (Tensor output : outputs) {
            if (output.node() != null && seen.add(output.node())) {
                open.push(output.node());
            }
        }
        while (!open.isEmpty()) {
            Node node = open.pop();
            nodes.add(node);
            if (ends.contains(node)) {
                continue;
            }
            for (int i = 0; i < node.call().count(); i++) {
                Node producer = node.producer(i);
                if (producer != null && seen.add(producer)) {
                    open.push(producer);
                }
            }
        }
        nodes.sort(Comparator.comparingLong(Node::sequence));
        return nodes;
    }

    /// The nodes whose inputs depend on one of `wanted`.
    private static Set<Object> leadingTo(Set<Object> wanted, List<Node> oldestFirst) {
        Set<Object> leading = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node node : oldestFirst) {
            for (int i = 0; i < node.call().count(); i++) {
                Object target = node.producer(i) != null ? node.producer(i) : node.leaf(i);
                if (target != null && (wanted.contains(target) || leading.contains(target))) {
                    leading.add(node);
                    break;
                }
            }
        }
        return leading;
    }
}
