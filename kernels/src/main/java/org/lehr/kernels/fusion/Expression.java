package org.lehr.kernels.fusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.lehr.kernels.Backend;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Producer;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.pointwise.PointwiseOp;

/// One pointwise operation that waits, and by way of its inputs those before it that wait too.
///
/// An input whose storage has no contents yet is an expression of the same shape and compute dtype; all others are
/// memory.
final class Expression implements Producer {

    private final Backend backend;
    private final PointwiseOp op;
    private final DType type;
    private final long[] shape;
    private final View[] inputs;
    private final Compute compute;
    private final int steps;
    private final int leaves;
    private final int weight;
    private volatile boolean kept;
    private volatile boolean used;

    Expression(Backend backend, PointwiseOp op, DType type, long[] shape, Compute compute, View... inputs) {
        this.backend = backend;
        this.op = op;
        this.type = type;
        this.shape = shape;
        this.inputs = inputs;
        this.compute = compute;
        int deep = 1;
        int wide = 0;
        int heavy = weight(op, compute);
        for (View input : inputs) {
            Expression before = of(input);
            deep += before == null ? 0 : before.steps;
            wide += before == null ? 1 : before.leaves;
            heavy += before == null ? 0 : before.weight;
        }
        steps = deep;
        leaves = wide;
        weight = heavy;
    }

    /// What the contents of `view` wait for; null when they are there.
    static Expression of(View view) {
        return view.storage().producer() instanceof Expression expression ? expression : null;
    }

    private static int weight(PointwiseOp op, Compute compute) {
        Object body = op instanceof Conversion ? null : compute == Compute.LANES ? Lowered.lanes(op) : op;
        return body == null ? 1 : Weight.of(body.getClass());
    }

    /// Notes that the values will be wanted again, after what follows now.
    void keep() {
        kept = true;
    }

    /// Whether a following operation on `view` of this, in `other` compute dtype, may compute it on the way.
    boolean joins(View view, Compute other) {
        return compute == other && view.offset() == 0 && Arrays.equals(shape, view.shape()) && view.isContiguous();
    }

    /// Whether it should have memory before one more reads it, because computing it once more would cost more than
    /// that: it is expensive and wanted again, or a second reader would read much in its place.
    boolean deservesMemory() {
        return weight > Weight.LIGHT && (kept || used) || used && leaves > Fusion.CHEAP_READS;
    }

    /// Notes that an operation computes it on the way.
    void use() {
        used = true;
    }

    int steps() {
        return steps;
    }

    int leaves() {
        return leaves;
    }

    Compute compute() {
        return compute;
    }

    @Override
    public ChainPlan plan() {
        Flattening flattening = new Flattening();
        flattening.visit(this);
        return flattening.plan(this);
    }

    /// Collects what there is to compute; each expression and each view once.
    private static final class Flattening {

        private final List<View> views = new ArrayList<>();
        private final List<Expression> order = new ArrayList<>();
        private final Map<Expression, List<Integer>> operands = new IdentityHashMap<>();

        /// Numbers what `expression` reads: memory from −1 down, results from 0 up.
        private int visit(Expression expression) {
            if (!operands.containsKey(expression)) {
                List<Integer> read = new ArrayList<>();
                for (View input : expression.inputs) {
                    Expression before = of(input);
                    read.add(before == null ? -1 - leaf(input) : visit(before));
                }
                operands.put(expression, read);
                order.add(expression);
            }
            return order.indexOf(expression);
        }

        private int leaf(View view) {
            for (int v = 0; v < views.size(); v++) {
                View other = views.get(v);
                if (other.storage() == view.storage()
                        && other.offset() == view.offset()
                        && other.dtype() == view.dtype()
                        && Arrays.equals(other.strides(), view.strides())) {
                    return v;
                }
            }
            views.add(view);
            return views.size() - 1;
        }

        private ChainPlan plan(Expression root) {
            List<Chain.Step> steps = new ArrayList<>();
            for (Expression expression : order) {
                List<Integer> numbers = operands.get(expression).stream()
                        .map(v -> v < 0 ? -1 - v : views.size() + v)
                        .toList();
                steps.add(new Chain.Step(expression.op, expression.type, numbers));
            }
            List<Storage> reads = views.stream().map(View::storage).toList();
            View[] inputs = views.stream()
                    .map(v -> new View(v.storage().underlying(), v.dtype(), v.offset(), v.shape(), v.strides()))
                    .toArray(View[]::new);
            return new ChainPlan(
                    root.backend, root.op.name(), new Chain(inputs.length, steps), root.shape, inputs, reads);
        }
    }
}
