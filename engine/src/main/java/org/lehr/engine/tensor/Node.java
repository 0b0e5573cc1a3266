package org.lehr.engine.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/// A recorded call: the edges of the graph that the backward pass walks.
public final class Node {

    private static final AtomicLong SEQUENCE = new AtomicLong();

    private final Op op;
    private final Call call;
    private final Tensor[] leaves;
    private final Node[] producers;
    private final Shape shape;
    private final long sequence = SEQUENCE.getAndIncrement();
    private List<UnaryOperator<Tensor>> hooks = List.of();

    Node(Op op, Call call, Tensor[] inputs, Shape shape) {
        this.op = op;
        this.call = call;
        this.shape = shape;
        this.leaves = new Tensor[inputs.length];
        this.producers = new Node[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i].requiresGradient()) {
                producers[i] = inputs[i].node();
                leaves[i] = producers[i] == null ? inputs[i] : null;
            }
        }
    }

    public Op op() {
        return op;
    }

    public Call call() {
        return call;
    }

    /// The node that produced input `i`; null where that is a leaf or wants no gradient.
    public Node producer(int i) {
        return producers[i];
    }

    /// Input `i` where it is a leaf that wants a gradient, else null.
    public Tensor leaf(int i) {
        return leaves[i];
    }

    /// The shape of the result.
    public Shape shape() {
        return shape;
    }

    /// Grows with time: a node's producers have smaller numbers.
    public long sequence() {
        return sequence;
    }

    /// Functions that see, and may replace, the gradient of the result, in the order they were added.
    public List<UnaryOperator<Tensor>> hooks() {
        return hooks;
    }

    /// With NaN tracing on, refuses a gradient of an input that is not finite, naming this call.
    public void checkFinite(Tensor gradient, Tensor dy) {
        if (FiniteCheck.isOn()) {
            FiniteCheck.check(op, " (backward)", gradient, dy);
        }
    }

    void addHook(UnaryOperator<Tensor> hook) {
        List<UnaryOperator<Tensor>> longer = new ArrayList<>(hooks);
        longer.add(hook);
        hooks = List.copyOf(longer);
    }

    void removeHook(UnaryOperator<Tensor> hook) {
        List<UnaryOperator<Tensor>> shorter = new ArrayList<>(hooks);
        shorter.remove(hook);
        hooks = List.copyOf(shorter);
    }
}
