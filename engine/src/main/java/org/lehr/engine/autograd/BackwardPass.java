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
import java.util.function.UnaryOperator;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Node;
import org.lehr.engine.tensor.NotDifferentiableException;
import org.lehr.engine.tensor.PartialOp;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// One walk of a recorded graph from results to what they were computed from, newest call first.
///
/// Nodes are visited in the reverse of the order in which they were recorded, so sums of gradients always have the same
/// order. Without a graph of the gradient, memory goes back as the walk proceeds: each call's temporaries, its saved
/// tensors, and every gradient that has been handed on.
final class BackwardPass {

    private final boolean createGraph;
    private final boolean retainGraph;
    private final PendingGradients pending;

    BackwardPass(boolean createGraph, boolean retainGraph) {
        this.createGraph = createGraph;
        this.retainGraph = retainGraph || createGraph;
        this.pending = new PendingGradients(createGraph);
    }

    /// Adds the gradients of `outputs` to every leaf's own.
    void intoLeaves(List<Tensor> outputs, List<Tensor> seeds) {
        walk(outputs, seeds, Set.of(), null);
        pending.deliver();
    }

    /// The gradients with respect to `inputs`; null for those that `outputs` do not depend on.
    Tensor[] of(List<Tensor> outputs, List<Tensor> seeds, List<Tensor> inputs) {
        Set<Object> wanted = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Tensor input : inputs) {
            if (!input.requiresGradient()) {
                throw new NotDifferentiableException("gradient: " + input
                        + " requires no gradient; record the computation on tensors that do");
            }
            wanted.add(place(input));
        }
        Map<Object, Tensor> captured = new IdentityHashMap<>();
        walk(outputs, seeds, wanted, captured);
        Tensor[] gradients = new Tensor[inputs.size()];
        for (int i = 0; i < gradients.length; i++) {
            Tensor input = inputs.get(i);
            gradients[i] = input.node() == null ? pending.leaf(input) : captured.get(input.node());
        }
        return gradients;
    }

    /// Where a tensor's gradient arrives: its node, or itself for a leaf.
    private static Object place(Tensor tensor) {
        return tensor.node() == null ? tensor : tensor.node();
    }

    private void walk(List<Tensor> outputs, List<Tensor> seeds, Set<Object> wanted, Map<Object, Tensor> captured) {
        List<Node> nodes = reachable(outputs);
        Set<Object> leading = captured == null ? null : leadingTo(wanted, nodes);
        for (int i = 0; i < outputs.size(); i++) {
            Tensor output = outputs.get(i);
            if (!output.requiresGradient()) {
                throw new NotDifferentiableException("backward: " + output
                        + " depends on nothing that requires a gradient, or recording was off");
            }
            pending.add(place(output), seeds.get(i));
        }
        for (int n = nodes.size() - 1; n >= 0; n--) {
            Node node = nodes.get(n);
            Tensor dy = pending.take(node);
            if (dy == null) {
                continue;
            }
            for (UnaryOperator<Tensor> hook : node.hooks()) {
                pending.escape(dy);
                dy = replaced(hook, dy);
            }
            if (wanted.contains(node)) {
                pending.escape(dy);
                captured.put(node, dy);
            }
            if (leading == null || leading.contains(node)) {
                visit(node, dy, leading, wanted);
            }
            pending.done(dy);
            if (!retainGraph) {
                node.call().release();
            }
        }
    }

    static Tensor replaced(UnaryOperator<Tensor> hook, Tensor dy) {
        Tensor replacement = hook.apply(dy);
        if (replacement == null || !replacement.shape().equals(dy.shape())) {
            throw new ShapeMismatchException("gradient hook: must return a gradient of shape " + dy.shape() + ", got "
                    + (replacement == null ? "null" : replacement.shape()));
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
            Recording.off(() -> {
                pending.accumulate(place, partial, call, dy);
                return null;
            });
            return;
        }
        Tensor[] gradients = call.restricted(active, () -> createGraph ? recorded(node, dy) : unrecorded(node, dy));
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
            node.checkFinite(gradients[i], dy);
            pending.add(node.producer(i) != null ? node.producer(i) : node.leaf(i), gradients[i]);
        }
        for (Tensor gradient : gradients) {
            if (gradient != null) {
                pending.done(gradient);
            }
        }
    }

    private Tensor[] unrecorded(Node node, Tensor dy) {
        try (Scope scope = Scope.open()) {
            Tensor[] gradients = Recording.off(() -> node.op().backward(node.call(), dy));
            for (Tensor gradient : gradients) {
                if (gradient != null && scope.holds(gradient.view().storage())) {
                    scope.keep(gradient.view().storage());
                    pending.own(gradient);
                }
            }
            return gradients;
        }
    }

    private static Tensor[] recorded(Node node, Tensor dy) {
        return Recording.set(
                true,
                () -> node.op() instanceof FusedOp fused
                        ? composed(fused, node.call(), dy)
                        : node.op().backward(node.call(), dy));
    }

    /// The gradient of a fused operation as a graph: its composed definition, differentiated. The inputs stand behind
    /// aliases, so that an input that depends on another one is not differentiated through here.
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
        Tensor[] found = new BackwardPass(true, true).of(List.of(again), List.of(dy), aliases);
        Tensor[] gradients = new Tensor[inputs.length];
        int next = 0;
        for (int i = 0; i < inputs.length; i++) {
            gradients[i] = call.needs(i) ? found[next++] : null;
        }
        return gradients;
    }

    /// Every node that `outputs` depend on, oldest first.
    private static List<Node> reachable(List<Tensor> outputs) {
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
